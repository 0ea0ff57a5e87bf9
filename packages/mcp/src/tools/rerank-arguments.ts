import * as v from "valibot";

import { type McpLimits, defaultTopN } from "../limits.ts";

/** What an agent gives to `rerank`. Names are those of the HTTP API. */
export interface RerankArguments {
  readonly query: string;
  readonly documents: readonly (string | Readonly<Record<string, unknown>>)[];
  readonly model?: string | undefined;
  readonly top_n?: number | undefined;
  readonly min_score?: number | undefined;
  readonly rank_fields?: readonly string[] | undefined;
  readonly return_documents?: boolean | undefined;
  readonly max_tokens_per_doc?: number | undefined;
  readonly instruction?: string | undefined;
}

/** The limits are part of the schema, so that a client knows them before it calls. */
export function rerankArguments(
  { documents, characters }: McpLimits,
  defaultModel: string | undefined,
): v.GenericSchema<unknown, RerankArguments> {
  const text = v.string("must be a text");
  const count = (most: number) =>
    v.pipe(
      v.number("must be a whole number"),
      v.integer("must be a whole number"),
      v.minValue(1, "must be at least 1"),
      v.maxValue(most, `must be at most ${most}`),
    );
  const filled = v.pipe(text, v.regex(/\S/, "must not be empty"));
  const modelName = described(
    v.pipe(text, v.minLength(1, "must not be empty"), v.maxLength(200, "must have 200 characters at most")),
    `A name from list_models.${defaultModel === undefined ? "" : ` Default: ${defaultModel.slice(0, 200)}.`}`,
  );
  return v.strictObject(
    {
      query: described(filled, "What the documents are compared with: a question or a description, in any language."),
      documents: v.pipe(
        v.custom<RerankArguments["documents"]>(
          Array.isArray,
          "must be a list of texts, or of objects with texts in their fields",
        ),
        // Describes what is checked by hand, before the actions that add to it.
        v.metadata({
          type: "array",
          items: { anyOf: [{ type: "string" }, { type: "object", additionalProperties: true }] },
        }),
        v.minLength(1, "must have at least one document"),
        v.maxLength(documents, `must have at most ${documents} documents; rank parts, then the best of each part`),
        v.everyItem(isDocument, "must hold texts and objects only"),
        v.description(
          `1 to ${documents} texts or records to rank, ${characters} characters in all. Give all candidates in one call. Long ones are cut to what the model reads.`,
        ),
      ),
      model: defaultModel === undefined ? modelName : v.optional(modelName),
      top_n: v.optional(described(count(documents), `How many of the best to return. Default: ${defaultTopN}.`)),
      min_score: v.optional(
        described(
          v.number("must be a number"),
          "Leave out results below this score. What scores mean differs between models: look at an answer first.",
        ),
      ),
      rank_fields: v.optional(
        described(
          v.pipe(
            v.array(filled, "must be a list of field names"),
            v.minLength(1, "must name a field"),
            v.maxLength(100, "must name 100 fields at most"),
          ),
          "Of records: the fields that count, in this order. Default: text, or all fields where there is none.",
        ),
      ),
      return_documents: v.optional(
        described(
          v.boolean("must be true or false"),
          "Repeat each document in its result, cut to a bound. Default: false; `index` says which one it is.",
        ),
      ),
      max_tokens_per_doc: v.optional(
        described(count(1_000_000), "Tokens of each document that count: fewer are faster and cheaper."),
      ),
      instruction: v.optional(
        described(
          v.pipe(text, v.maxLength(10_000, "must have 10,000 characters at most")),
          "What relevant means here, in a sentence, for models that follow instructions; others ignore it and say so.",
        ),
      ),
    },
    ({ kind, expected }) =>
      kind === "schema" && expected === "never"
        ? `is not an argument of rerank: it takes query, documents and, where needed, ${optionalNames}`
        : kind === "schema" && expected === "Object"
          ? "the arguments must be an object with query and documents"
          : "is missing",
  );
}

const optionalNames = "model, top_n, min_score, rank_fields, return_documents, max_tokens_per_doc and instruction";

function described<Output>(
  schema: v.GenericSchema<unknown, Output>,
  description: string,
): v.GenericSchema<unknown, Output> {
  return v.pipe(schema, v.description(description));
}

function isDocument(value: unknown): boolean {
  return typeof value === "string" || (typeof value === "object" && value !== null && !Array.isArray(value));
}
