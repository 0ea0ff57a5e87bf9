import { FetchError } from "ofetch";

import type { Http, HttpAnswer, HttpRequest } from "../contract.ts";
import { DheeraError, isDheeraError } from "../errors.ts";
import { measureJson } from "../lib/measure-json.ts";
import { type Answered, type Ask, askByFetch, redirected } from "./ask-by-fetch.ts";
import { HttpError } from "./http-error.ts";
import { isArgumentError, isNetworkError } from "./network-error.ts";
import type { OutgoingMessage, Transport } from "./transport.ts";

/**
 * The `http` of every target: JSON, no retries (core retries), redirects refused because they could carry a key away.
 * What an answer may hold is bounded by what was asked, before it is parsed.
 * @param headers Sent with every request that has no others of these names.
 */
export function createHttp(
  transport: Transport = { fetch: (...args) => globalThis.fetch(...args) },
  headers?: Readonly<Record<string, string>>,
): Http {
  const ask = transport.send ? askInText(transport.send, inLowerCase(headers)) : askByFetch(transport, headers);
  const exchange = <T>(url: string, request: HttpRequest, read: (answer: Answered) => T): Promise<T> => {
    try {
      return ask(url, request).then(read, (error: unknown) => {
        throw failureOf(error, request.signal, url, transport.send !== undefined || error instanceof FetchError);
      });
    } catch (error) {
      return Promise.reject(failureOf(error, request.signal, url, false));
    }
  };
  // All plug-ins share it.
  return Object.freeze<Http>({
    request: (url, request = {}) => exchange(url, request, (answer) => answerOf(answer, request)),
    json: (url, request = {}) => exchange(url, request, (answer) => bodyOf(answer, request, url)),
  });
}

function askInText(send: NonNullable<Transport["send"]>, headers: Readonly<Record<string, string>>): Ask {
  return (url, request) => send(messageOf(url, request, headers));
}

/**
 * A provider's request as a transport sends it: objects as JSON, and the headers that say so.
 * @param defaults sent where the request has no headers of these names; names in lower case
 * @throws TypeError for what is no JSON
 */
export function messageOf(
  url: string,
  { method, headers, body, signal }: HttpRequest,
  defaults: Readonly<Record<string, string>>,
): OutgoingMessage {
  const sent: Record<string, string> = { ...defaults };
  if (headers) for (const name in headers) sent[name.toLowerCase()] = String(headers[name]);
  if (body !== undefined) {
    sent["content-type"] ??= "application/json";
    sent["accept"] ??= "application/json";
  }
  return {
    url,
    method: method?.toUpperCase() ?? (body === undefined ? "GET" : "POST"),
    headers: sent,
    body: typeof body === "object" ? JSON.stringify(body) : body,
    signal,
  };
}

/** Names of headers in lower case. */
export function inLowerCase(headers: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function answerOf(answer: Answered, request: HttpRequest): HttpAnswer {
  const { status, headers } = answer;
  if (status >= 300 && status < 400) throw redirected();
  return { status, headers, body: readBody(answer, request) };
}

function bodyOf(answer: Answered, request: HttpRequest, url: string): unknown {
  const { status, headers, body } = answerOf(answer, request);
  if (status >= 400) throw new HttpError({ status, headers, body }, undefined, url);
  return body;
}

/** Servers and the proxies before them send JSON, pages and plain text under any content type. */
function readBody({ status, text }: Answered, request: HttpRequest): unknown {
  if (text === undefined || bodiless.has(status)) return undefined;
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

/** Statuses whose answers have no body. */
const bodiless: ReadonlySet<number> = new Set([204, 205]);

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
 * @param isOfExchange it came up while the request was under way
 */
function failureOf(error: unknown, signal: AbortSignal | undefined, url: string, isOfExchange: boolean): unknown {
  if (signal?.aborted) return signal.reason;
  const cause: unknown = error instanceof FetchError ? error.cause : error;
  // A transport's own refusal, such as an answer that is too large.
  if (isDheeraError(cause)) return cause;
  return isUsageError(cause, isOfExchange) ? cause : new HttpError(undefined, cause, url);
}

/**
 * A `fetch` without connection fails with a TypeError too; before and after it, a TypeError without a reason of the
 * network is the caller's.
 */
function isUsageError(error: unknown, isOfExchange: boolean): boolean {
  if (isNetworkError(error)) return false;
  if (isArgumentError(error)) return true;
  return !isOfExchange && (error instanceof TypeError || error instanceof RangeError);
}
