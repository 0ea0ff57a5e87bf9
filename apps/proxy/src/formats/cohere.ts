import { DheeraError, type RerankRequest, type RerankResponse, type RerankResult } from "@dheera-ai/core";

import type { RequestFormat } from "./request-format.ts";

/**
 * Reads a request in the format of Cohere's `/rerank`, which is the proxy's own as well.
 * @throws DheeraError `invalid_request`
 */
export function cohereFormat(body: unknown): RequestFormat {
  if (typeof body !== "object" || body === null || Array.isArray(body))
    throw new DheeraError("invalid_request", "the body must be a JSON object with model, query and documents");
  return {
    request: unchecked(body),
    answer: (response) => answerOf(response, response.results),
  };
}

/** The same for an answer that becomes JSON at once. @throws DheeraError `invalid_request` */
export function writtenCohereFormat(body: unknown): RequestFormat {
  const { request } = cohereFormat(body);
  return { request, answer: (response) => answerOf(response, withDecimalScores(response.results)) };
}

/** Clients of OpenAI-like servers read `object`. */
function answerOf({ id, model, meta, usage }: RerankResponse, results: readonly unknown[]): unknown {
  return { id, object: "list", model, results, meta, usage };
}

/**
 * The type is not checked here, because core checks every field, including nulls, unknown fields and booleans as texts.
 */
function unchecked(body: object): RerankRequest {
  return body as RerankRequest;
}

/**
 * Results whose scores have a decimal point in JSON also where they are whole, as Cohere's have. `JSON.stringify` writes 0 and 1,
 * which OpenSearch reads as integers and fails to cast (`CohereRerankPostProcessFunction.java`, ml-commons 2.19 to 3.9), and the
 * search with it.
 */
function withDecimalScores(results: readonly RerankResult[]): readonly unknown[] {
  if (!JSON.rawJSON || !results.some(isWhole)) return results;
  return results.map((result) =>
    isWhole(result) ? { ...result, relevance_score: JSON.rawJSON?.(`${result.relevance_score}.0`) } : result,
  );
}

/** From 1e21 on numbers are written with an exponent, which makes them no integers. */
function isWhole({ relevance_score }: RerankResult): boolean {
  return Number.isInteger(relevance_score) && Math.abs(relevance_score) < 1e21;
}

declare global {
  interface JSON {
    /** A text that `JSON.stringify` writes as it is; older runtimes lack it. */
    rawJSON?(text: string): unknown;
  }
}
