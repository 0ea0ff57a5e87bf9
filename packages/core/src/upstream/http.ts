import { createFetch, FetchError } from "ofetch";

import type { Http, HttpAnswer, HttpHeaders, HttpRequest } from "../contract.ts";
import { DheeraError, isDheeraError } from "../errors.ts";
import { measureJson } from "../lib/measure-json.ts";
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
 * What an answer may hold is bounded by what was asked, before it is parsed.
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
    // Read below, where it is known what was asked.
    parseResponse: (text) => text,
    ...(headers && { headers }),
  });

  // All plug-ins share it.
  return Object.freeze<Http>({
    request: (url, request = {}) =>
      raw(url, optionsOf(request)).then(
        (response) => answerOf(response, request),
        (error: unknown) => rethrow(error, request.signal, url),
      ),
    json: (url, request = {}) =>
      raw(url, optionsOf(request)).then(
        (response) => bodyOf(response, request, url),
        (error: unknown) => rethrow(error, request.signal, url),
      ),
  });
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

interface RawResponse {
  readonly status: number;
  readonly headers: HttpHeaders;
  readonly _data?: unknown;
}

function answerOf(response: RawResponse, request: HttpRequest): HttpAnswer {
  const { status, headers } = response;
  return { status, headers, body: readBody(response, request) };
}

function bodyOf(response: RawResponse, request: HttpRequest, url: string): unknown {
  if (response.status >= 400) throw new HttpError(answerOf(response, request), undefined, url);
  return readBody(response, request);
}

/** Servers and the proxies before them send JSON, pages and plain text under any content type. */
function readBody({ status, _data: text }: RawResponse, request: HttpRequest): unknown {
  if (typeof text !== "string") return text;
  if (isBeyondNeed(text, request)) {
    // Its status says what matters.
    if (status >= 400) return text;
    throw new DheeraError(
      "provider_bad_response",
      "the upstream's answer holds far more values than an answer to this request can need; check that api_base is a rerank server",
    );
  }
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Values of an answer whatever was asked: a list of many models, a description of an API. */
const valuesOfAnyAnswer = 50_000;
/** Values for one document: a row with its index, its score, its label and more. */
const valuesOfDocument = 20;
/** Deeper than any answer. */
const deepest = 100;

/** Whether a text would be far more than an answer once it is parsed. What is short cannot be. */
function isBeyondNeed(text: string, { body }: HttpRequest): boolean {
  if (text.length <= 2 * valuesOfAnyAnswer) return false;
  const most = { values: valuesOfAnyAnswer + valuesOfDocument * countItems(body), depth: deepest };
  const { values, depth, hasLongName } = measureJson(text, most);
  return hasLongName || values > most.values || depth > most.depth;
}

/** Items of the longest list that was sent; a text may hold an item every few characters. */
function countItems(body: unknown, levels: number = 2): number {
  if (typeof body === "string") return levels === 2 ? body.length / 4 : 0;
  if (typeof body !== "object" || body === null) return 0;
  if (Array.isArray(body)) return body.length;
  return levels === 0 ? 0 : Math.max(0, ...Object.values(body).map((inner) => countItems(inner, levels - 1)));
}

/**
 * What a provider sees of a request that got no answer. An error that says that the request itself cannot be sent stays
 * as it is.
 */
function rethrow(error: unknown, signal: AbortSignal | undefined, url: string): never {
  if (signal?.aborted) throw signal.reason;
  const cause: unknown = error instanceof FetchError ? error.cause : error;
  // A transport's own refusal, such as an answer that is too large.
  if (isDheeraError(cause)) throw cause;
  throw isUsageError(cause, error instanceof FetchError) ? cause : new HttpError(undefined, cause, url);
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
