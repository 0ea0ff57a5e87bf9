import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

import * as v from "valibot";

import type { Asked, Row, StandIn, StandInLimits } from "./stand-in.ts";

/** An answer in place of the one that is due. */
export interface Refusal {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export interface ServedStandIn extends AsyncDisposable {
  /** Where it is; a request names the address that it is meant for in `addressHeader`. */
  readonly url: string;
  /** As `fetch`, but requests to any address come here. */
  readonly fetch: typeof globalThis.fetch;
  /** Calls that it scored. */
  readonly scored: readonly Asked[];
  /** Calls that it refused, by their reason. */
  readonly refused: readonly string[];
  /** All requests get this answer from now on; without one, they are scored again. */
  refuse(refusal: Refusal | undefined): void;
}

/** What is told to callers must not hold this, although errors do. */
export const secret = "what the upstream says";

/** Serves on loopback. @param limits In place of those that are documented. */
export async function serveStandIn(standIn: StandIn, limits: StandInLimits = standIn.limits): Promise<ServedStandIn> {
  const scored: Asked[] = [];
  const refused: string[] = [];
  let refusal: Refusal | undefined;
  const respond = (request: StandInRequest): Refusal => {
    if (refusal) return refusal;
    const outcome = judge(standIn, limits, request);
    if ("asked" in outcome) {
      scored.push(outcome.asked);
      return { status: 200, body: standIn.answer(resultsOf(standIn, outcome.asked), outcome.asked) };
    }
    refused.push(outcome.reason);
    return { status: outcome.status, body: standIn.error(outcome.status, `${outcome.reason} (${secret})`) };
  };

  const server = createServer(async (incoming, response) => {
    const { status, headers, body } = respond(await read(incoming));
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    scored,
    refused,
    refuse: (next) => {
      refusal = next;
    },
    fetch: (input, init = {}) => {
      const asked = String(input);
      const headers = new Headers(init.headers);
      headers.set(addressHeader, asked);
      return globalThis.fetch(`http://127.0.0.1:${port}/`, { ...init, headers });
    },
    [Symbol.asyncDispose]: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** Carries the address that was asked. */
export const addressHeader = "x-address-asked";

interface StandInRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
}

async function read(incoming: IncomingMessage): Promise<StandInRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return {
    method: incoming.method ?? "",
    url: String(incoming.headers[addressHeader]),
    headers: incoming.headers,
    text: Buffer.concat(chunks).toString(),
  };
}

type Outcome = { readonly asked: Asked } | { readonly status: number; readonly reason: string };

function judge(standIn: StandIn, limits: StandInLimits, { method, url, headers, text }: StandInRequest): Outcome {
  const lacks = (wanted: Readonly<Record<string, string>> = {}): boolean =>
    Object.entries(wanted).some(([name, value]) => headers[name] !== value);
  if (url !== standIn.url) return { status: 404, reason: `there is nothing at ${url}` };
  if (method !== "POST") return { status: 405, reason: `${method} is not allowed` };
  if (lacks(standIn.auth)) return { status: 401, reason: "the key is not known" };
  if (lacks({ "content-type": "application/json", ...standIn.headers }))
    return { status: 400, reason: "a header is missing" };
  if (limits.bytes && Buffer.byteLength(text) > limits.bytes.most)
    return { status: limits.bytes.status, reason: "the body is too large" };
  const body = v.safeParse(standIn.body, JSON.parse(text));
  if (!body.success) {
    const [issue] = body.issues;
    return { status: 422, reason: `${v.getDotPath(issue) ?? "the body"}: ${issue.message}` };
  }
  return exceeded(limits, body.output) ?? { asked: body.output };
}

function exceeded({ documents, tokens, characters, empty }: StandInLimits, asked: Asked): Outcome | undefined {
  const count = asked.documents.length;
  if (documents && count > documents.most)
    return { status: documents.status, reason: `there are more than ${documents.most} documents` };
  if (characters && asked.documents.some((document) => document.length > characters.most))
    return { status: characters.status, reason: "a document is too long" };
  if (empty !== undefined && asked.documents.includes("")) return { status: empty, reason: "a document has no text" };
  const most = tokens?.ofDocument ?? Infinity;
  const inQuery = words(asked.query);
  const sent = asked.documents.reduce((sum, document) => sum + Math.min(most, inQuery + words(document)), 0);
  if (tokens && sent > tokens.most)
    return {
      status: tokens.status,
      reason: tokens.message?.(tokens.most, sent) ?? `there are more than ${tokens.most} tokens`,
    };
  return undefined;
}

function words(text: string): number {
  return text.split(/\s+/).filter(Boolean).length;
}

function resultsOf({ scoreOf, order = "ranked", mostByDefault }: StandIn, { documents, most }: Asked): readonly Row[] {
  const rows = documents.map((document, index) => ({ index, score: scoreOf(relevanceOf(document)) }));
  if (order === "positions") return rows;
  const best = rows.toSorted((one, other) => other.score - one.score).slice(0, most ?? mostByDefault);
  return order === "ranked" ? best : best.toReversed();
}

/** Documents of the tests begin with their relevance; others have one that their text decides. */
export function relevanceOf(document: string): number {
  const said = Number.parseFloat(document);
  if (said >= 0 && said <= 1) return said;
  return [...document].reduce((sum, character) => (sum * 31 + (character.codePointAt(0) ?? 0)) % 9_973, 7) / 9_973;
}
