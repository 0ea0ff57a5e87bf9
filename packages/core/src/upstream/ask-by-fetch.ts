import { createFetch } from "ofetch";

import type { HttpHeaders, HttpRequest } from "../contract.ts";
import { DheeraError } from "../errors.ts";
import type { Transport } from "./transport.ts";

/** Rejects where no answer came; throws what says that the request itself cannot be sent. */
export type Ask = (url: string, request: HttpRequest) => Promise<Answered>;

export interface Answered {
  readonly status: number;
  readonly headers: HttpHeaders;
  /** Undefined where the answer has no body. */
  readonly text?: string | undefined;
}

/** Asks by ofetch, which makes JSON of what is sent. */
export function askByFetch(transport: Transport, headers: Readonly<Record<string, string>> | undefined): Ask {
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
  return (url, request) =>
    raw(url, optionsOf(request)).then(({ status, headers: received, _data: text }) => ({
      status,
      headers: received,
      text: typeof text === "string" ? text : undefined,
    }));
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
  // Statuses from 300 on are looked at where all answers are read.
  if (response.type === "opaqueredirect") throw redirected();
  return response;
}

export function redirected(): DheeraError {
  return new DheeraError(
    "provider_failed",
    "the upstream answered with a redirect, which is not followed; set api_base to the final address",
  );
}
