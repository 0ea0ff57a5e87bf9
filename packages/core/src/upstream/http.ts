import { createFetch, FetchError } from "ofetch";

import type { Http, HttpAnswer, HttpHeaders, HttpRequest } from "../contract.ts";
import { DheeraError, isDheeraError } from "../errors.ts";
import { HttpError } from "./http-error.ts";
import { isArgumentError, isNetworkError } from "./network-error.ts";

/** How the host reaches upstreams. A server on Node.js gives a pooled one; the default is the runtime's own `fetch`. */
export interface Transport {
  readonly fetch: typeof globalThis.fetch;
  /** The `Headers` class that goes with it. */
  readonly Headers?: typeof globalThis.Headers | undefined;
}

/**
 * The `http` of every target: JSON, no retries (core retries), redirects refused because they could carry a key away.
 * @param headers Sent with every request that has no others of these names.
 */
export function createHttp(
  transport: Transport = { fetch: (...args) => globalThis.fetch(...args) },
  headers?: Readonly<Record<string, string>>,
): Http {
  const { raw } = createFetch({
    fetch: (input, init) => transport.fetch(input, init).then(refuseRedirect),
    Headers: transport.Headers ?? globalThis.Headers,
    AbortController: globalThis.AbortController,
  }).create({
    retry: 0,
    redirect: "manual",
    ignoreResponseError: true,
    parseResponse: readBody,
    ...(headers && { headers }),
  });

  return {
    request: (url, request = {}) =>
      raw(url, optionsOf(request)).then(answerOf, (error: unknown) => rethrow(error, request.signal)),
    json: (url, request = {}) =>
      raw(url, optionsOf(request)).then(bodyOf, (error: unknown) => rethrow(error, request.signal)),
  };
}

/** Only what the contract has, so that no plug-in comes to depend on more of ofetch. */
function optionsOf({ method, headers, body, signal }: HttpRequest): HttpRequest {
  return { method: method ?? (body === undefined ? "GET" : "POST"), headers, body: writable(body), signal };
}

/**
 * ofetch makes JSON of lists and plain objects, and of a class's objects only when they have `toJSON`. What it can make
 * is left to it: a text made here would stay in memory until the answer comes.
 */
function writable(body: HttpRequest["body"]): HttpRequest["body"] {
  const isOdd = typeof body === "object" && body.constructor !== Object && !Array.isArray(body);
  return isOdd ? JSON.stringify(body) : body;
}

function refuseRedirect(response: Response): Response {
  if (response.type === "opaqueredirect" || (response.status >= 300 && response.status < 400))
    throw new DheeraError(
      "provider_failed",
      "the upstream answered with a redirect, which is not followed; set api_base to the final address",
    );
  return response;
}

/** Servers and the proxies before them send JSON, pages and plain text under any content type. */
function readBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

interface RawResponse {
  readonly status: number;
  readonly headers: HttpHeaders;
  readonly _data?: unknown;
}

function answerOf({ status, headers, _data: body }: RawResponse): HttpAnswer {
  return { status, headers, body };
}

function bodyOf(response: RawResponse): unknown {
  if (response.status >= 400) throw new HttpError(answerOf(response));
  return response._data;
}

/**
 * What a provider sees of a request that got no answer. An error that says that the request itself cannot be sent stays
 * as it is.
 */
function rethrow(error: unknown, signal: AbortSignal | undefined): never {
  if (signal?.aborted) throw signal.reason;
  const cause: unknown = error instanceof FetchError ? error.cause : error;
  // A transport's own refusal, such as an answer that is too large.
  if (isDheeraError(cause)) throw cause;
  throw isUsageError(cause, error instanceof FetchError) ? cause : new HttpError(undefined, cause);
}

/**
 * A `fetch` without connection fails with a TypeError too; before and after it, a TypeError without a reason of the
 * network is the caller's.
 */
function isUsageError(error: unknown, isOfFetch: boolean): boolean {
  if (isNetworkError(error)) return false;
  if (isArgumentError(error)) return true;
  return !isOfFetch && (error instanceof TypeError || error instanceof RangeError);
}
