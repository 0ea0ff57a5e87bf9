import * as v from "valibot";

import type { DiversifyOptions, FallbackChoice, RerankDocument, RerankRequest } from "./api.ts";

const text = v.string("must be a text");

const truncationChoices = "must be true or false, or one of NONE, START and END";

function toTruncation(word: string): boolean | "NONE" | "START" | "END" {
  const upper = word.toUpperCase();
  return upper === "NONE" || upper === "START" || upper === "END" ? upper : upper === "TRUE";
}

/** Some clients send booleans as strings. */
const boolean = v.pipe(
  v.union([v.boolean(), v.picklist(["true", "false", "True", "False"])], "must be true or false"),
  v.transform((value) => (typeof value === "boolean" ? value : value.toLowerCase() === "true")),
);

/** And numbers, as forms and environment variables hold them. */
const count = v.union(
  [
    v.pipe(
      v.number(),
      v.integer("must be a whole number"),
      v.minValue(1, "must be at least 1; leave it out to have no limit"),
    ),
    v.pipe(v.string(), v.regex(/^[1-9]\d{0,8}$/), v.transform(Number)),
  ],
  "must be a whole number, at least 1",
);

const seconds = v.union(
  [
    v.pipe(v.number(), v.finite("must be finite"), v.minValue(0.001, "must be at least 0.001")),
    v.pipe(v.string(), v.regex(/^(?=\d*[1-9]|\d+\.\d{0,2}[1-9])\d{1,9}(\.\d{1,9})?$/), v.transform(Number)),
  ],
  "must be a number of seconds, at least 0.001",
);

/** In small letters, in capitals, or with a capital at the beginning; JSON Schema knows no flag that ignores case. */
const truncationWord = /^(true|True|TRUE|false|False|FALSE|none|None|NONE|start|Start|START|end|End|END)$/;

/** Beside a boolean: what Cohere and NVIDIA call not to cut, to cut off the beginning, and to cut off the end. */
const truncation = v.union(
  [v.boolean(), v.pipe(v.string(), v.regex(truncationWord, truncationChoices), v.transform(toTruncation))],
  truncationChoices,
);

const priority = v.union(
  [
    v.pipe(
      v.number(),
      v.integer("must be a whole number"),
      v.minValue(0, "must not be negative; 0 is the highest priority"),
    ),
    v.picklist(["background"]),
  ],
  "must be a number, or background",
);

/** Text Embeddings Inference's clients begin these words with a capital. */
const direction = v.pipe(
  v.picklist(["left", "right", "Left", "Right"], "must be left or right"),
  v.transform((value) => (value.toLowerCase() === "left" ? "left" : "right")),
);

export const noCacheControls = 'must be an object such as { "no-store": true }';

/**
 * Only the list is checked here; `parseRequest` checks each document once, without copies. The metadata describes that
 * check in JSON Schema.
 */
const documents = v.pipe(
  v.custom<readonly RerankDocument[]>(Array.isArray, "must be a list of texts or of objects with a text field"),
  v.metadata({
    type: "array",
    minItems: 1,
    items: {
      anyOf: [
        { type: "string" },
        {
          type: "object",
          minProperties: 1,
          additionalProperties: true,
          // Nulls are nothing to score.
          not: { additionalProperties: { type: "null" } },
        },
      ],
    },
  }),
);

/** More than any record has that is worth reading whole; each is looked up in every document. */
export const mostRankFields = 100;

/** As with documents, `parseRequest` checks the names: a schema for each would report each by itself. */
const rankFields = v.pipe(
  v.custom<readonly string[]>(Array.isArray, "must be a list of field names"),
  v.metadata({ type: "array", minItems: 1, maxItems: mostRankFields, items: { type: "string" } }),
);

/** `parseRequest` refuses a list, which a schema for objects takes for an object without fields. */
const cacheControls = v.object(
  {
    "no-cache": v.nullish(boolean),
    "no-store": v.nullish(boolean),
    ttl: v.nullish(seconds),
    "s-maxage": v.nullish(v.pipe(v.number("must be a number of seconds"), v.minValue(0, "must not be negative"))),
    namespace: v.nullish(text),
  },
  noCacheControls,
);

export const noSpanOptions = 'must be an object such as { "mode": "enabled" }';

/** As with the cache's, `parseRequest` refuses a list. */
const relevantSpans = v.object(
  {
    mode: v.nullish(v.picklist(["enabled", "disabled"], "must be enabled or disabled")),
    threshold: v.nullish(v.pipe(v.number("must be a number"), v.finite("must be finite"))),
    max_spans: v.nullish(count),
  },
  noSpanOptions,
);

export const noDiversity = 'must be an object such as { "method": "mmr", "lambda": 0.7 }';

/** As with the cache's, `parseRequest` refuses a list. */
export const diversifySchema: v.GenericSchema<unknown, DiversifyOptions> = v.object(
  {
    method: v.nullish(v.picklist(["mmr"], "must be mmr")),
    lambda: v.nullish(
      v.pipe(v.number("must be a number"), v.minValue(0, "must be 0 to 1"), v.maxValue(1, "must be 0 to 1")),
    ),
  },
  noDiversity,
);

/** `readFallbacks` checks the entries. */
const modelName = { type: "string", minLength: 1, maxLength: 200 };
const modelNames = { type: "array", maxItems: 10, items: modelName };
const fallbacks = v.pipe(
  v.custom<readonly FallbackChoice[]>(Array.isArray, "must be a list of model names"),
  v.metadata({
    type: "array",
    maxItems: 10,
    items: {
      anyOf: [
        modelName,
        {
          type: "object",
          minProperties: 1,
          maxProperties: 1,
          properties: { model: { anyOf: [modelName, modelNames] } },
          additionalProperties: modelNames,
        },
      ],
    },
  }),
);

/** Whether each value is an object: options by the name of their provider. */
function isOptionsByProvider(value: unknown): boolean {
  return isObject(value) && Object.values(value).every(isObject);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const providerOptions = v.pipe(
  v.custom<Readonly<Record<string, Readonly<Record<string, unknown>>>>>(
    isOptionsByProvider,
    "must be an object with an object of options for each provider it names",
  ),
  v.metadata({ type: "object", additionalProperties: { type: "object", additionalProperties: true } }),
);

/** What JavaScript and other languages take for white space differs: here all of it is. */
// oxlint-disable-next-line no-control-regex
const notBlank = /[^\s\x1c-\x1f\x85\ufeff]/;

/** These are shared by the formats of other servers. */
export const modelSchema: v.GenericSchema<unknown, string> = v.pipe(text, v.nonEmpty("must not be empty"));
export const querySchema: v.GenericSchema<unknown, string> = v.pipe(
  text,
  v.regex(notBlank, "must not be empty or only white space"),
);
export const documentsSchema: v.GenericSchema<unknown, readonly RerankDocument[]> = documents;
export const flagSchema: v.GenericSchema<unknown, boolean> = boolean;
export const countSchema: v.GenericSchema<unknown, number> = count;
export const rankFieldsSchema: v.GenericSchema<unknown, readonly string[]> = rankFields;

const fields = {
  model: modelSchema,
  query: querySchema,
  documents,
  top_n: v.nullish(count),
  top_k: v.nullish(count),
  return_documents: v.nullish(boolean),
  rank_fields: v.nullish(rankFields),
  max_tokens_per_doc: v.nullish(count),
  max_chunks_per_doc: v.nullish(count),
  long_documents: v.nullish(v.picklist(["truncate", "chunk_max"], "must be truncate or chunk_max")),
  truncate: v.nullish(truncation),
  truncation_direction: v.nullish(direction),
  raw_scores: v.nullish(boolean),
  normalize: v.nullish(v.picklist(["none", "sigmoid"], "must be none or sigmoid")),
  min_score: v.nullish(v.pipe(v.number("must be a number"), v.finite("must be finite"))),
  diversify: v.nullish(diversifySchema),
  instruction: v.nullish(text),
  relevant_spans: v.nullish(relevantSpans),
  on_document_error: v.nullish(v.picklist(["fail", "warn"], "must be fail or warn")),
  provider_options: v.nullish(providerOptions),
  cache: v.nullish(cacheControls),
  explain: v.nullish(boolean),
  fallbacks: v.nullish(fallbacks),
  disable_fallbacks: v.nullish(boolean),
  priority: v.nullish(priority),
  timeout: v.nullish(seconds),
  api_base: v.nullish(v.pipe(text, v.url("must be a URL such as https://host:port"))),
  api_key: v.nullish(text),
};

/** The shape of a request. Unknown fields are ignored, with a warning (`unknown-fields.ts`): clients send their own. */
export const requestSchema: v.GenericSchema<unknown, RerankRequest> = v.object(
  fields,
  "the request must be a JSON object with model, query and documents",
);

/** Every field that a request may have. */
export const requestFields: ReadonlySet<string> = new Set([...Object.keys(fields), "signal"]);
