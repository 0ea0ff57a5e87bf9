import { modelSchema, querySchema } from "@dheera-ai/core/request-schema";
import * as v from "valibot";

/** A request of a client of Text Embeddings Inference. */
export interface TeiRequest {
  readonly model?: string | null;
  readonly query: string;
  readonly texts: readonly string[];
  readonly truncate?: boolean | null;
  readonly truncation_direction?: "left" | "right" | null;
  readonly raw_scores?: boolean | null;
  readonly return_text?: boolean | null;
}

const flag = v.nullish(
  v.pipe(
    v.union([v.boolean(), v.picklist(["true", "false", "True", "False"])], "must be true or false"),
    v.transform((value) => value === true || (typeof value === "string" && value.toLowerCase() === "true")),
  ),
);

export const noTexts = "must hold at least one text";

/**
 * Only the list is checked here, because a schema for each text would report each by itself; `teiFormat` checks the
 * texts. The metadata describes that check in JSON Schema.
 */
const texts = v.pipe(
  v.custom<readonly string[]>(Array.isArray, "must be a list of texts"),
  v.minLength(1, noTexts),
  v.metadata({ type: "array", minItems: 1, items: { type: "string" } }),
);

export const teiRequestSchema: v.GenericSchema<unknown, TeiRequest> = v.object(
  {
    model: v.nullish(modelSchema),
    query: querySchema,
    texts,
    truncate: flag,
    truncation_direction: v.nullish(
      v.pipe(
        v.picklist(["Left", "Right", "left", "right"], "must be Left or Right"),
        v.transform((end) => (end.toLowerCase() === "left" ? "left" : "right")),
      ),
    ),
    raw_scores: flag,
    return_text: flag,
  },
  "the body must be a JSON object with query and texts",
);
