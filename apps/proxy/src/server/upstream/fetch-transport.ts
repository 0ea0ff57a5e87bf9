import type { Transport } from "@dheera-ai/core";

import { boundedFetch } from "../../http/bounded-fetch.ts";
import type { Telemetry } from "../../telemetry/telemetry.ts";
import type { OutgoingProxies } from "./outgoing-proxies.ts";
import type { Tls } from "./tls.ts";
import { UpstreamHeaders } from "./upstream-headers.ts";

/**
 * How core reaches upstreams through Bun's own `fetch`, which keeps connections alive and finds the proxies of the
 * process environment by itself.
 */
export function fetchTransport(
  { tls, proxies }: { readonly tls?: Tls | undefined; readonly proxies?: OutgoingProxies | undefined },
  mostBytes: number,
  telemetry: Pick<Telemetry, "outgoingHeaders">,
): Transport {
  // Bun copies the certificates for each call, those of a whole system in 40 µs, also where nothing is encrypted.
  const tlsFor = (url: string): Tls | undefined =>
    isEncrypted(url) || isEncrypted(proxies?.http ?? "") ? tls : undefined;
  const fetch = boundedFetch((...args) => globalThis.fetch(...args), mostBytes);
  return {
    Headers: UpstreamHeaders,
    fetch: (input, init) => {
      const { fields } = init?.headers instanceof UpstreamHeaders ? init.headers : new UpstreamHeaders(init?.headers);
      fields["user-agent"] ??= "dheera-ai";
      Object.assign(fields, telemetry.outgoingHeaders?.());
      return fetch(input, { ...init, ...noTimeout, ...(tls && { tls }), headers: fields });
    },
    async send({ url, method, headers, body = null, signal = null }) {
      headers["user-agent"] ??= "dheera-ai";
      Object.assign(headers, telemetry.outgoingHeaders?.());
      const options = { method, headers, body, signal, redirect: "manual" as const, ...noTimeout };
      const certificates = tlsFor(url);
      const response = await fetch(url, { ...options, ...(certificates && { tls: certificates }) });
      return { status: response.status, headers: response.headers, text: await response.text() };
    },
  };
}

function isEncrypted(url: string): boolean {
  return /^https:/i.test(url);
}

/** Bun's own `fetch` with these certificates. */
export function fetchWith(tls: Tls | undefined): typeof globalThis.fetch {
  const fetch = (input: Parameters<typeof globalThis.fetch>[0], init?: RequestInit): Promise<Response> =>
    globalThis.fetch(input, { ...init, ...noTimeout, ...(tls && { tls }) });
  return Object.assign(fetch, { preconnect: () => {} });
}

/** Switches off Bun's own time limit of five minutes, because core sets the deadlines. */
const noTimeout = { timeout: false };
