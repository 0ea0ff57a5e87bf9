import * as v from "valibot";

import { type Shape, mostAsked, proxyBody, upstreamBody } from "../proxy/load/shapes.ts";

/** How a server is asked to rank, and what it answers. */
export type Dialect = "cohere" | "sglang" | "passed on";

/** What somebody says of one document. */
export interface Ranked {
  readonly index: number;
  readonly score: number;
}

/** The name of the model in every configuration. */
export const modelName = "reranker";

/** A request for the best of the shape's documents, as callers of this dialect write it. */
export function bodyOf(dialect: Dialect, shape: Shape): string {
  if (dialect === "passed on") return upstreamBody(shape);
  const body = proxyBody(shape, modelName);
  return dialect === "cohere"
    ? body
    : body.replace(`"top_n":${mostAsked}`, `"top_k":${mostAsked},"return_documents":false`);
}

/** How many results are owed: what passes bytes on keeps no `top_n`. */
export function resultsOwed(dialect: Dialect, { documents }: Shape): number {
  return dialect === "passed on" ? documents : Math.min(mostAsked, documents);
}

/** The results of an answer, in its order. @throws ValiError where it has another form */
export function rankingOf(dialect: Dialect, answer: unknown): readonly Ranked[] {
  if (dialect === "passed on") return v.parse(v.array(ranked), answer);
  if (dialect === "sglang") return v.parse(v.object({ results: v.array(ranked) }), answer).results;
  return v
    .parse(v.object({ results: v.array(v.object({ index: v.number(), relevance_score: v.number() })) }), answer)
    .results.map(({ index, relevance_score: score }) => ({ index, score }));
}

const ranked = v.object({ index: v.number(), score: v.number() });
