import { describe, expect, it } from "vitest";

import type { Http, HttpRequest } from "../contract.ts";
import { closedAddress, type Reply, withServer } from "../contract-suite/scripted-server.ts";
import { createHttp } from "./http.ts";
import type { IncomingAnswer, OutgoingMessage } from "./transport.ts";

const defaults = { "X-Team": "search", Accept: "text/plain" };
const byFetch = createHttp(undefined, defaults);
const bySend = createHttp(
  { fetch: () => Promise.reject(new Error("fetch is not used where there is send")), send },
  defaults,
);

const circular: { self?: unknown } = {};
circular.self = circular;
const requests: readonly (HttpRequest & { readonly what: string })[] = [
  { what: "nothing" },
  { what: "headers", headers: { "X-Mine": "1", accept: "*/*" } },
  { what: "an object", body: { query: "q", texts: ["a", "ä"] } },
  { what: "a list", body: [1, 2] },
  { what: "an object that writes itself", body: { toJSON: () => ({ a: 1 }) } },
  { what: "a form", body: "a=1", headers: { "Content-Type": "application/x-www-form-urlencoded" } },
  { what: "a text", body: "plain", headers: { "x-team": "other" } },
  { what: "another method", method: "put", body: {} },
  { what: "a method without a body", method: "DELETE" },
  { what: "a circle", body: circular },
  { what: "no JSON", body: { big: 1n } },
  { what: "a request that was given up", signal: AbortSignal.abort(new Error("gone")) },
];
const replies: readonly Reply[] = [
  { body: { a: 1 } },
  { body: "not json" },
  { status: 204, body: "" },
  { status: 302, headers: { location: "http://127.0.0.1:4/" }, body: "" },
  { status: 404, headers: { "x-why": "gone" }, body: { error: "no" } },
  { status: 503, body: "<p>busy" },
  { fault: "reset" },
];

describe("a transport that sends texts", () => {
  it.each(requests)("sends what fetch sends, or fails as it does: $what", async ({ method, headers, body, signal }) => {
    const request = { method, headers, body, signal };
    const answer: Reply = { body: {} };
    const [expected, got] = await Promise.all([byFetch, bySend].map((http) => outcomeOf(http, request, answer)));
    expect(got).toEqual(expected);
  });

  it.each(replies)("reads what fetch reads, or fails as it does: %j", async (reply) => {
    const [expected, got] = await Promise.all([byFetch, bySend].map((http) => outcomeOf(http, {}, reply)));
    expect(got).toEqual(expected);
  });

  it.each([closedAddress, "no address"])("fails as fetch does at %s", async (url) => {
    const [expected, got] = await Promise.all(
      [byFetch, bySend].map((http) => http.request(url).then(() => "an answer", describeError)),
    );
    expect(got).toEqual(expected);
  });
});

/** What arrived at the server, and what both methods made of its answer. */
async function outcomeOf(http: Http, request: HttpRequest, reply: Reply): Promise<unknown> {
  return withServer(
    () => reply,
    async ({ url, requests: arrived }) => {
      const read = await http
        .request(url, request)
        .then(({ status, headers, body }) => ({ status, body, why: headers.get("X-Why") }), describeError);
      const body = await http.json(url, request).catch(describeError);
      return { read, body, arrived: arrived.map(({ method, headers, text }) => ({ method, text, ...known(headers) })) };
    },
  );
}

function known(headers: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const names = ["accept", "content-type", "x-team", "x-mine"];
  return Object.fromEntries(names.map((name) => [name, headers[name]]));
}

/** The kind of an error and what it says; the stack and the libraries behind it differ. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message } = error;
  return { name, message, status: "status" in error ? error.status : undefined };
}

async function send({ url, method, headers, body, signal }: OutgoingMessage): Promise<IncomingAnswer> {
  const init = { method, headers, body: body ?? null, signal: signal ?? null, redirect: "manual" as const };
  const response = await fetch(url, init);
  return { status: response.status, headers: response.headers, text: await response.text() };
}
