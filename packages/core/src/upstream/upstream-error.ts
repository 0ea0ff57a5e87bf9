import { DheeraError, type ErrorCode, isDheeraError } from "../errors.ts";
import { type HttpError, isHttpError } from "./http-error.ts";
import { isNetworkError, networkCodeOf } from "./network-error.ts";
import { readOwnError } from "./own-error.ts";
import { isRecord } from "./read-scores.ts";

/**
 * Turns whatever a provider threw into a `DheeraError`: an `HttpError` by its status and its `Retry-After`, an abort by
 * the signal's reason, a connection that failed to `provider_unreachable`, and what no upstream can cause to a `defect`
 * of the provider. Text of the upstream or of an unknown error is never copied into the message: it may quote
 * documents. An error of a Dheera AI proxy is passed on whole.
 * @param label What to call the upstream, where the provider's name would say too little.
 */
export function upstreamError(
  error: unknown,
  provider: string,
  signal?: AbortSignal,
  label: string = provider,
): DheeraError {
  if (signal?.aborted) return abortError(signal.reason);
  if (isDheeraError(error)) return ours(error);
  if (isHttpError(error) && error.status !== undefined) return refusal(error, error.status, provider, label);
  const cause = isHttpError(error) ? (error.cause ?? error) : error;
  if (isDheeraError(cause)) return ours(cause);
  if (isHttpError(error) || isNetworkError(cause))
    return new DheeraError(
      "provider_unreachable",
      `${label} could not be reached (${networkCodeOf(cause) ?? "no connection"}); check api_base and that the server is running`,
      { cause, provider, upstream: isHttpError(error) ? { address: error.address } : undefined },
    );
  if (error instanceof SyntaxError)
    return new DheeraError(
      "provider_bad_response",
      `${label} answered with something that is not JSON; check that api_base is a rerank server`,
      { cause, provider },
    );
  if (isGivenUp(error))
    return new DheeraError("provider_failed", `the provider ${provider} gave up waiting for its server`, {
      cause,
      provider,
    });
  return new DheeraError(
    "provider_failed",
    `the provider ${provider} has a programming error (${nameOf(error)}); its stack is in the log`,
    { cause, provider, defect: true },
  );
}

/** The error a caller sees when a signal ended the work: `timeout` for timeouts, `cancelled` for everything else. */
export function abortError(reason: unknown): DheeraError {
  if (isDheeraError(reason)) return ours(reason);
  const timedOut = reason instanceof Error && reason.name === "TimeoutError";
  return timedOut
    ? new DheeraError("timeout", "the request did not finish in time; raise timeout or send fewer documents", {
        cause: reason,
      })
    : new DheeraError("cancelled", "the request was cancelled", { cause: reason });
}

/** An error of another installed copy lacks this copy's methods. */
function ours(error: DheeraError): DheeraError {
  return error instanceof DheeraError ? error : DheeraError.from(error);
}

/** Seconds of a `Retry-After` header, given as seconds or as a date. */
export function readRetryAfter(header: string | null | undefined, now: number = Date.now()): number | undefined {
  if (!header) return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return seconds >= 0 ? seconds : undefined;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - now) / 1000);
}

function refusal(error: HttpError, status: number, provider: string, label: string): DheeraError {
  const retryAfter = readRetryAfter(error.headers.get("retry-after"));
  const upstream = { address: error.address, status, code: codeOf(error.body) };
  const details = { cause: error, provider, retryAfter, upstream };
  const own = readOwnError(error.body, status, details);
  if (own) return own;
  const { code, message } = readings[status] ?? (status >= 500 ? failed : rejected);
  return new DheeraError(code, `${label} ${message} (HTTP ${status})`, {
    ...details,
    permanent: permanentStatuses.has(status),
  });
}

/** A key, a path or a model that a server does not take now, it does not take a second later either. */
const permanentStatuses: ReadonlySet<number> = new Set([401, 402, 403, 404, 405]);

/** An upstream's own name for an error, under the names that it is known to stand, where it is one word: a sentence may quote a document. */
function codeOf(body: unknown): string | undefined {
  if (!isRecord(body)) return undefined;
  const inner = isRecord(body["error"]) ? body["error"] : {};
  const candidates = [inner["code"], inner["type"], body["code"], body["error_type"], body["type"]];
  return candidates.find((code) => typeof code === "string" && /^[A-Za-z][\w.-]{1,63}$/.test(code)) as
    | string
    | undefined;
}

interface Reading {
  readonly code: ErrorCode;
  readonly message: string;
}

const failed: Reading = { code: "provider_failed", message: "failed to answer; look at its log" };
const rejected: Reading = {
  code: "provider_rejected",
  message: "calls the request invalid; check model and the fields of the request",
};
const auth: Reading = { code: "provider_auth", message: "refused our key; check api_key of this deployment" };
const readings: Readonly<Record<number, Reading>> = {
  401: auth,
  402: { code: "provider_auth", message: "wants payment: the account behind our key has no credit left" },
  403: auth,
  404: { code: "provider_failed", message: "does not know this path or model; check api_base and model" },
  405: { code: "provider_failed", message: "does not answer this method; check api_base" },
  408: { code: "provider_failed", message: "gave up waiting for the request" },
  413: { code: "provider_rejected", message: "calls the request too large; send shorter documents" },
  429: { code: "provider_rate_limited", message: "limits the rate of our requests; wait, or add a deployment" },
  503: { code: "provider_overloaded", message: "is overloaded or not ready; wait, or add a deployment" },
};

/** A provider's own signal or timer ended its request. */
function isGivenUp(error: unknown): boolean {
  return error instanceof Error && (error.name === "AbortError" || error.name === "TimeoutError");
}

/** What kind of error it is. A name can be any text, so one that does not look like a name is not repeated. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return `a thrown ${typeof error}`;
  return /^[A-Z]\w{0,40}$/.test(error.name) ? error.name : "Error";
}
