import * as v from "valibot";

import { newBatch } from "../routes/batches/batch-body.ts";

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const seconds = v.pipe(count, v.description("Seconds since 1970."));
const reached = v.nullable(count);

/** What is uploaded, as a form. */
const newFile: v.GenericSchema = v.object({
  purpose: v.literal("batch"),
  file: v.pipe(
    v.string(),
    v.description(
      "JSON lines, packed with gzip or not: each a rerank request with its `custom_id`, `method` and `url`.",
    ),
  ),
  "expires_after[anchor]": v.optional(v.literal("created_at")),
  "expires_after[seconds]": v.optional(
    v.pipe(
      v.number(),
      v.integer(),
      v.minValue(3_600),
      v.maxValue(2_592_000),
      v.description("After which the file is deleted; `batch_settings.files_expire_after` when absent."),
    ),
  ),
});

const file = v.object({
  id: v.string(),
  object: v.literal("file"),
  bytes: v.pipe(count, v.description("Unpacked.")),
  created_at: seconds,
  expires_at: v.optional(v.pipe(count, v.description("When it is deleted."))),
  filename: v.string(),
  purpose: v.picklist(["batch", "batch_output"]),
  status: v.literal("processed"),
  status_details: v.null(),
});

const deletedFile: v.GenericSchema = v.object({
  id: v.string(),
  object: v.literal("file"),
  deleted: v.literal(true),
});

const fileLink: v.GenericSchema = v.object({
  id: v.string(),
  object: v.literal("file.link"),
  url: v.pipe(v.string(), v.description("Below the address of the proxy; it is opened without a key.")),
  expires_at: v.pipe(count, v.description("Until when a download must have begun.")),
});

const batch = v.object({
  id: v.string(),
  object: v.literal("batch"),
  endpoint: v.string(),
  errors: v.pipe(
    v.nullable(
      v.object({
        object: v.literal("list"),
        data: v.array(
          v.object({
            code: v.string(),
            message: v.string(),
            param: v.nullable(v.string()),
            line: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1))),
          }),
        ),
      }),
    ),
    v.description("Why it has failed before any line was asked: at most 100 reasons."),
  ),
  model: v.pipe(
    v.nullable(v.string()),
    v.description("That all lines ask for; null where they ask for several, and until they have been checked."),
  ),
  input_file_id: v.string(),
  completion_window: v.string(),
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
  output_file_id: v.nullable(v.string()),
  error_file_id: v.pipe(v.nullable(v.string()), v.description("Lines that have failed; null where none has.")),
  created_at: seconds,
  in_progress_at: reached,
  expires_at: v.pipe(count, v.description("When what has not ended is given up.")),
  finalizing_at: reached,
  completed_at: reached,
  failed_at: reached,
  expired_at: reached,
  cancelling_at: reached,
  cancelled_at: reached,
  request_counts: v.object({ total: count, completed: count, failed: count }),
  metadata: v.nullable(v.record(v.string(), v.string())),
  cost: v.nullable(
    v.pipe(
      v.number(),
      v.description("US dollars of what has ended; null where no price is known. OpenAI has no such field."),
    ),
  ),
  paused_for: v.nullable(v.pipe(v.string(), v.description("Why nothing is asked now. OpenAI has no such field."))),
});

function listOf(item: v.GenericSchema): v.GenericSchema {
  return v.object({
    object: v.literal("list"),
    data: v.array(item),
    first_id: v.nullable(v.string()),
    last_id: v.nullable(v.string()),
    has_more: v.boolean(),
  });
}

/** What is sent to the addresses of files and batches, and what they answer. */
export const batchSchemas = {
  NewFile: newFile,
  File: file,
  FileList: listOf(file),
  DeletedFile: deletedFile,
  FileLink: fileLink,
  NewBatch: newBatch,
  Batch: batch,
  BatchList: listOf(batch),
} as const satisfies Record<string, v.GenericSchema>;
