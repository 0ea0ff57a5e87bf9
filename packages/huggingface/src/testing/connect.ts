import {
  type DheeraError,
  type Http,
  isDheeraError,
  type ScoreCall,
  type Scorer,
  type ScoreResult,
  type Target,
} from "@dheera-ai/core";
import { testTarget } from "@dheera-ai/core/testing";

import { huggingface, type HuggingFaceOptions } from "../huggingface.ts";

export interface Setting extends Partial<Pick<Target, "apiBase" | "apiKey" | "model" | "options">>, HuggingFaceOptions {
  /** Where requests to hosts of Hugging Face really go. */
  readonly insteadOfHuggingFace?: string;
}

/** The provider connected as core does it, with no environment unless one is given. */
export function connect({
  insteadOfHuggingFace,
  environment = {},
  readFile,
  model = "BAAI/bge-reranker-base",
  options = {},
  ...endpoint
}: Setting): Scorer {
  const reroute = (request: string): string =>
    insteadOfHuggingFace ? request.replace(/^https:\/\/[^/]+/, insteadOfHuggingFace) : request;
  const direct = testTarget({ model }).http;
  const http: Http = {
    json: (url, request) => direct.json(reroute(url), request),
    request: (url, request) => direct.request(reroute(url), request),
  };
  return huggingface({ environment, ...(readFile && { readFile }) }).connect({ model, options, http, ...endpoint });
}

/** Asks for the profile first, as core does. */
export async function score(
  scorer: Scorer,
  documents: readonly string[],
  call: Partial<ScoreCall> = {},
): Promise<ScoreResult> {
  const signal = call.signal ?? never;
  await scorer.profile(signal);
  return scorer.score({
    query: "What is the capital of the United States?",
    documents,
    params: {},
    providerOptions: {},
    ...call,
    signal,
  });
}

/** Never aborts. */
export const never: AbortSignal = new AbortController().signal;

/** The error a promise rejects with. */
export async function failureOf(outcome: Promise<unknown>): Promise<DheeraError> {
  const end = await outcome.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (isDheeraError(end)) return end;
  throw new Error("this should have ended with a DheeraError", { cause: end });
}
