import type { RerankResponse } from "@dheera-ai/core";
import * as v from "valibot";

import { returnedCharacters, shownCharacters } from "../limits.ts";
import { cutLine, cutText } from "./cut-text.ts";
import type { RerankArguments } from "./rerank-arguments.ts";

/** What `rerank` answers beside its text. */
export interface RerankAnswer {
  readonly model: string;
  readonly results: readonly {
    readonly index: number;
    readonly relevance_score: number;
    readonly document?: string | undefined;
  }[];
  readonly documents: number;
  readonly score_kind?: string | undefined;
  readonly cost?: number | undefined;
  readonly warnings?: readonly string[] | undefined;
}

export const rerankAnswerSchema: v.GenericSchema<unknown, RerankAnswer> = v.object({
  model: v.pipe(v.string(), v.description("The model that ranked.")),
  results: v.pipe(
    v.array(
      v.object({
        index: v.pipe(v.number(), v.integer(), v.minValue(0), v.description("Position in documents, from 0.")),
        relevance_score: v.pipe(v.number(), v.description("Higher is better; compare it within this answer only.")),
        document: v.optional(v.pipe(v.string(), v.description("Its text, cut to a bound; where asked for."))),
      }),
    ),
    v.description("Best first."),
  ),
  documents: v.pipe(v.number(), v.integer(), v.minValue(1), v.description("How many were ranked.")),
  score_kind: v.optional(
    v.pipe(v.string(), v.description("What scores are: probability, logit, cosine, calibrated, fused or unknown.")),
  ),
  cost: v.optional(v.pipe(v.number(), v.description("US dollars, where they are known."))),
  warnings: v.optional(v.array(v.string())),
});

export function rerankAnswer(response: RerankResponse, given: RerankArguments): RerankAnswer {
  const { score_kind, warnings } = response.meta;
  const cost = response.usage?.cost;
  return {
    model: response.model,
    results: response.results.map(({ index, relevance_score }) => ({
      index,
      relevance_score,
      ...(given.return_documents && { document: cutText(textOf(given, index), returnedCharacters) }),
    })),
    documents: given.documents.length,
    ...(score_kind !== undefined && { score_kind }),
    ...(cost !== undefined && { cost }),
    ...(warnings !== undefined && warnings.length > 0 && { warnings }),
  };
}

/** For a model that reads: a line for each result, with the beginning of its document. */
export function describeAnswer(
  { model, results, documents, warnings = [] }: RerankAnswer,
  given: RerankArguments,
): string {
  const lines = results.map(
    ({ index, relevance_score }, at) =>
      `${at + 1}. [${index}] ${round(relevance_score)} ${cutLine(textOf(given, index), shownCharacters)}`,
  );
  const none = "No document reaches min_score.";
  return [
    `The best ${results.length} of ${documents} documents by ${model}, as rank. [index] score text:`,
    ...(lines.length === 0 ? [none] : lines),
    ...warnings.map((warning) => `Warning: ${warning}`),
  ].join("\n");
}

function round(score: number): string {
  return String(Number(score.toPrecision(4)));
}

/** What a person would read of a record: the fields that were named, its `text`, or all of it. */
function textOf({ documents, rank_fields }: RerankArguments, index: number): string {
  const document = documents[index] ?? "";
  if (typeof document === "string") return document;
  if (rank_fields)
    return rank_fields
      .map((field) => readable(document[field]))
      .filter((text) => text !== "")
      .join(" ");
  return typeof document["text"] === "string" ? document["text"] : JSON.stringify(document);
}

function readable(value: unknown): string {
  if (typeof value === "string") return value;
  return value === undefined || value === null ? "" : JSON.stringify(value);
}
