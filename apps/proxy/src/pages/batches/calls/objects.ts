import * as v from "valibot";

const time = v.nullable(v.number());

/** A batch as the API answers it; times are seconds since the epoch. */
const batch = v.object({
  id: v.string(),
  status: v.picklist([
    "validating",
    "failed",
    "in_progress",
    "finalizing",
    "completed",
    "expired",
    "cancelling",
    "cancelled",
  ]),
  endpoint: v.string(),
  model: v.nullable(v.string()),
  completion_window: v.string(),
  input_file_id: v.string(),
  output_file_id: v.nullable(v.string()),
  error_file_id: v.nullable(v.string()),
  errors: v.nullable(
    v.object({
      data: v.array(v.object({ code: v.string(), message: v.string(), line: v.nullable(v.number()) })),
    }),
  ),
  created_at: v.number(),
  in_progress_at: time,
  expires_at: v.number(),
  completed_at: time,
  failed_at: time,
  expired_at: time,
  cancelled_at: time,
  request_counts: v.object({ total: v.number(), completed: v.number(), failed: v.number() }),
  metadata: v.nullable(v.record(v.string(), v.string())),
  cost: v.nullable(v.number()),
  paused_for: v.nullable(v.string()),
});

export type Batch = Readonly<v.InferOutput<typeof batch>>;
export const batchSchema: v.GenericSchema<unknown, Batch> = batch;

const file = v.object({ id: v.string(), filename: v.string(), bytes: v.number() });

export type File = Readonly<v.InferOutput<typeof file>>;
export const fileSchema: v.GenericSchema<unknown, File> = file;

export interface Listed<Item> {
  readonly data: readonly Item[];
  readonly has_more: boolean;
}

export function listOf<Item>(item: v.GenericSchema<unknown, Item>): v.GenericSchema<unknown, Listed<Item>> {
  return v.object({ data: v.array(item), has_more: v.boolean() });
}
