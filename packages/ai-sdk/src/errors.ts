import { APICallError, InvalidArgumentError, NoSuchModelError } from "@ai-sdk/provider";
import { type DheeraError, isDheeraError } from "dheera-ai";

import type { Ranker } from "./ranker.ts";

/**
 * An error of the library as the AI SDK knows it, with the original as its `cause`: what the caller did wrong is an
 * `InvalidArgumentError`, a model that nobody has a `NoSuchModelError`, an abort what `fetch` throws, and all else an
 * `APICallError`.
 */
export function errorOf(
  error: unknown,
  modelId: string,
  signal: AbortSignal | undefined,
  { isProxy }: Pick<Ranker, "isProxy">,
): unknown {
  if (signal?.aborted) return abortErrorOf(signal.reason);
  if (!isDheeraError(error)) return error;
  const isOwn = error.upstream === undefined;
  if (isOwn && error.code === "invalid_request") return argumentErrorOf(error);
  if (isOwn && error.code === "model_not_found")
    return withCause(new NoSuchModelError({ modelId, modelType: "rerankingModel", message: error.message }), error);
  return callErrorOf(error, modelId, isProxy);
}

/** The SDK recognises an abort by its name, and lets it pass. */
function abortErrorOf(reason: unknown): unknown {
  if (reason instanceof Error && (reason.name === "AbortError" || reason.name === "TimeoutError")) return reason;
  const error = new DOMException("the request was aborted", "AbortError");
  return Object.defineProperty(error, "cause", { value: reason, configurable: true });
}

/** Its field by the name that callers of the SDK know. */
function argumentErrorOf(error: DheeraError): InvalidArgumentError {
  const { param, message } = error;
  const argument = param === undefined ? "request" : argumentOf(param);
  const named =
    param !== undefined && message.startsWith(`${param}:`) ? `${argument}${message.slice(param.length)}` : message;
  return new InvalidArgumentError({ argument, message: named, cause: error });
}

function argumentOf(param: string): string {
  const own = argumentNames[param];
  if (own !== undefined) return own;
  return /^(?:model|query|documents)\b/.test(param) ? param : `providerOptions.dheera.${param}`;
}

const argumentNames: Readonly<Record<string, string>> = { top_n: "topN", api_base: "baseURL", api_key: "apiKey" };

function callErrorOf(error: DheeraError, modelId: string, isProxy: boolean): APICallError {
  const { code, param, provider, deployment, upstream, retryAfter } = error;
  return new APICallError({
    message: error.message,
    url: upstream?.address ?? "",
    // Neither query nor documents: errors are logged.
    requestBodyValues: { model: modelId },
    // What the server answered, or nothing where it did not; the status of the code where none was asked.
    statusCode: upstream ? upstream.status : error.status,
    responseHeaders: retryAfter === undefined ? undefined : { "retry-after": String(Math.ceil(retryAfter)) },
    isRetryable: isWorthLater(error),
    // At a proxy they would be the adapter's own names for it.
    data: { code, param, ...(!isProxy && { provider, deployment }) },
    cause: error,
  });
}

/** Seconds. The SDK waits as long as it is told below that, and else two seconds, which would be too soon. */
const longestWait = 60;

/**
 * The library has retried what a retry can help. What is left is worth asking again only where somebody said when, and the
 * SDK can wait as long.
 */
function isWorthLater({ code, permanent, retryAfter }: DheeraError): boolean {
  return retryAfter !== undefined && Math.ceil(retryAfter) < longestWait && !permanent && code !== "budget_exceeded";
}

function withCause<Failure extends Error>(failure: Failure, cause: unknown): Failure {
  return Object.defineProperty(failure, "cause", { value: cause, configurable: true });
}
