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
    v.object({
      anchor: v.literal("created_at", 'must be "created_at"'),
      seconds: v.pipe(
        v.number("must be a whole number of seconds"),
        v.integer("must be a whole number of seconds"),
        v.minValue(3_600, "must be at least 3600"),
        v.maxValue(2_592_000, "must be at most 2592000, 30 days"),
        v.description(
          "After which the files that the batch makes are deleted, from when they are made; `batch_settings.files_expire_after` when absent.",
        ),
      ),
    }),
  ),
  metadata: v.nullish(
    v.pipe(
      v.record(v.string(), v.string("must be a text"), "must be an object of texts"),
      v.description("Up to 16 texts that come back with the batch."),
    ),
  ),
});
