import * as v from "valibot";

/** A batch as OpenAI's clients ask for it. */
export const newBatch = v.object({
  input_file_id: v.pipe(
    v.string("must be the id of a file"),
    v.nonEmpty("must not be empty"),
    v.description("A file that was uploaded with the purpose `batch`."),
  ),
  endpoint: v.pipe(
    v.picklist(["/v1/rerank", "/v2/rerank", "/rerank"], "must be /v1/rerank, /v2/rerank or /rerank"),
    v.description("Where all lines would have been sent; each line names it as its `url`."),
  ),
  completion_window: v.pipe(
    v.string("must be a time such as 24h"),
    v.description(
      "The time after which what has not ended is given up: a number and `m`, `h` or `d`, 30 days at most. OpenAI knows `24h` alone.",
    ),
  ),
  output_expires_after: v.nullish(
    v.never(
      "cannot be chosen for a batch: its files are deleted after the time that the operator sets (batch_settings.files_expire_after)",
    ),
  ),
  metadata: v.nullish(
    v.pipe(
      v.record(v.string(), v.string("must be a text"), "must be an object of texts"),
      v.description("Up to 16 texts that come back with the batch."),
    ),
  ),
});
