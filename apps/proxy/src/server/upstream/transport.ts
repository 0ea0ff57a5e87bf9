import type { Transport } from "@dheera-ai/core";
import type { Dispatcher } from "undici";
// Only the agent is imported: the whole of undici brings another fetch, WebSockets and mocks, and takes a tenth of the
// start time and of the idle memory.
import Agent from "undici/lib/dispatcher/agent.js";

import { boundedFetch, mostAnswerBytes } from "../../http/bounded-fetch.ts";
import type { Telemetry } from "../../telemetry/telemetry.ts";
import { type ExchangeRequest, type UpstreamAddress, type UpstreamAnswer, exchange } from "./exchange.ts";
import type { OutgoingProxies } from "./outgoing-proxies.ts";
import type { Tls } from "./tls.ts";
import { UpstreamHeaders } from "./upstream-headers.ts";
import { createLookup } from "./upstream-lookup.ts";
import { UpstreamResponse } from "./upstream-response.ts";

export type UpstreamAgent = InstanceType<typeof Agent>;

export const agentOptions = {
  connections: 256,
  pipelining: 1,
  allowH2: false,
  // Servers on uvicorn close idle connections after 5 s without notice; a call on a connection that is about to close
  // would fail.
  keepAliveTimeout: 4_000,
  // Core sets the deadlines; these only end calls that a plug-in forgot. An endpoint may take ten minutes to start.
  headersTimeout: 660_000,
  bodyTimeout: 660_000,
} as const;

/** Connections to upstreams, kept alive and shared by all calls of the process. */
export function createUpstreamAgent(tls: Tls = {}): UpstreamAgent {
  return new Agent({ ...agentOptions, connect: { ...tls, lookup: createLookup() } });
}

/**
 * The same through the proxies of the environment. The whole of undici is loaded for them, because their agent calls
 * methods that only the package itself adds.
 */
export async function createProxiedAgent(tls: Tls, { http, https, except }: OutgoingProxies): Promise<Dispatcher> {
  const { EnvHttpProxyAgent } = await import("undici");
  return new EnvHttpProxyAgent({
    ...agentOptions,
    connect: { ...tls, lookup: createLookup() },
    requestTls: tls,
    httpProxy: http,
    httpsProxy: https,
    noProxy: except,
  });
}

/**
 * How core reaches upstreams on Node.js: over pooled connections, with answers of limited size, and `fetch` without its streams.
 * @param fetch for bodies that are forms or streams
 */
export function createTransport(
  dispatcher: Dispatcher,
  mostBytes: number,
  telemetry: Pick<Telemetry, "outgoingHeaders">,
  fetch: typeof globalThis.fetch = globalThis.fetch,
): Transport {
  const addresses = new UpstreamAddresses();
  const anyFetch = boundedFetch((...args) => fetch(...args), mostBytes);
  const send = (url: string, message: Omit<ExchangeRequest, "address">): Promise<UpstreamAnswer> => {
    message.headers["user-agent"] ??= "dheera-ai";
    const traced = telemetry.outgoingHeaders?.();
    if (traced) Object.assign(message.headers, traced);
    const { method, headers, body, signal } = message;
    const request = { address: addresses.of(url), method, headers, body, signal };
    return exchange(dispatcher, request, mostAnswerBytes(body, mostBytes));
  };
  return {
    Headers: UpstreamHeaders,
    fetch: async (input, init = {}) => {
      const body = init.body ?? null;
      // Forms and streams are rare, so they take the slower path through `fetch`.
      if (typeof input === "object" && !(input instanceof URL)) return anyFetch(input, init);
      if (!isPlain(body)) return anyFetch(input, init);
      const { fields } = init.headers instanceof UpstreamHeaders ? init.headers : new UpstreamHeaders(init.headers);
      const url = String(input);
      const bytes = bytesOf(body);
      // ofetch keeps these options until the answer arrives.
      init.body = bytes;
      const message = { method: init.method ?? "GET", headers: fields, body: bytes, signal: init.signal };
      const { status, statusText, headers, body: received } = await send(url, message);
      return new UpstreamResponse(addresses.of(url).href, status, statusText, headers, received);
    },
    // A text would stay in the young generation of the heap until the answer arrives; bytes are outside of it.
    send: ({ url, method, headers, body, signal }) =>
      send(url, { method, headers, body: bytesOf(body ?? null), signal }),
  };
}

function bytesOf(body: string | Uint8Array<ArrayBuffer> | null): Buffer<ArrayBuffer> | null {
  if (body === null) return null;
  return typeof body === "string" ? Buffer.from(body) : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}

function isPlain(body: BodyInit | null): body is string | Uint8Array<ArrayBuffer> | null {
  return body === null || typeof body === "string" || body instanceof Uint8Array;
}

/** More URLs than any configuration has; a user of the library could call any number of them. */
const mostAddresses = 1_000;

/** Parses each URL once: upstreams are few and called often. */
class UpstreamAddresses {
  readonly #known = new Map<string, UpstreamAddress>();

  /** @throws TypeError for a text that is not a URL */
  of(url: string): UpstreamAddress {
    const known = this.#known.get(url);
    if (known) return known;
    const { href, origin, pathname, search } = new URL(url);
    const address = { href, origin, path: pathname + search };
    if (this.#known.size >= mostAddresses) this.#known.clear();
    this.#known.set(url, address);
    return address;
  }
}
