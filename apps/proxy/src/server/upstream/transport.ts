import type { Transport } from "@dheera-ai/core";
import type { Dispatcher } from "undici";
// The whole of undici brings another fetch, WebSockets and mocks, and takes a tenth of the start and of the memory at rest.
import Agent from "undici/lib/dispatcher/agent.js";

import { boundedFetch } from "../../http/bounded-fetch.ts";
import type { Telemetry } from "../../telemetry/telemetry.ts";
import { UpstreamAddresses } from "./upstream-addresses.ts";
import { exchange } from "./exchange.ts";
import { UpstreamHeaders } from "./upstream-headers.ts";
import { createLookup } from "./upstream-lookup.ts";

export type UpstreamAgent = InstanceType<typeof Agent>;

/** Connections to upstreams, kept alive and shared by everything that calls one. */
export function createUpstreamAgent(): UpstreamAgent {
  return new Agent({
    connections: 256,
    pipelining: 1,
    allowH2: false,
    connect: { lookup: createLookup() },
    // Servers on uvicorn close idle connections after 5 s without saying so; a call on one that is about to close would fail.
    keepAliveTimeout: 4_000,
    // Deadlines are core's business; these only end what a plug-in forgot. An endpoint may take ten minutes to wake up.
    headersTimeout: 660_000,
    bodyTimeout: 660_000,
  });
}

/** How core reaches upstreams on Node.js: `fetch` without its streams, over pooled connections, with answers of limited size. */
export function createTransport(
  dispatcher: Dispatcher,
  mostBytes: number,
  telemetry: Pick<Telemetry, "outgoingHeaders">,
): Transport {
  const addresses = new UpstreamAddresses();
  const anyFetch = boundedFetch((...args) => globalThis.fetch(...args), mostBytes);
  return {
    Headers: UpstreamHeaders,
    fetch: (input, init = {}) => {
      const body = init.body ?? null;
      // Forms and streams are rare enough to go the long way.
      if (typeof input === "object" && !(input instanceof URL)) return anyFetch(input, init);
      if (!isPlain(body)) return anyFetch(input, init);
      const headers = init.headers instanceof UpstreamHeaders ? init.headers : new UpstreamHeaders(init.headers);
      headers.fields["user-agent"] ??= "dheera-ai";
      const traced = telemetry.outgoingHeaders?.();
      if (traced) Object.assign(headers.fields, traced);
      const address = addresses.of(String(input));
      const bytes = bytesOf(body);
      // ofetch holds on to these options until the answer is here. A text would stay in the young generation all the time, bytes are outside of it.
      init.body = bytes;
      return exchange(
        dispatcher,
        { address, method: init.method ?? "GET", headers, body: bytes, signal: init.signal },
        mostBytes,
      );
    },
  };
}

function bytesOf(body: string | Uint8Array<ArrayBuffer> | null): Buffer<ArrayBuffer> | null {
  if (body === null) return null;
  return typeof body === "string" ? Buffer.from(body) : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}

function isPlain(body: BodyInit | null): body is string | Uint8Array<ArrayBuffer> | null {
  return body === null || typeof body === "string" || body instanceof Uint8Array;
}
