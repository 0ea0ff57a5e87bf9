import { DheeraError, isDheeraError } from "@dheera-ai/core";
import Agent from "undici/lib/dispatcher/agent.js";

import { type UpstreamAnswer, exchange } from "../server/upstream/exchange.ts";
import type { Tls } from "../server/upstream/tls.ts";
import type { Resolve } from "../server/upstream/upstream-lookup.ts";
import { UpstreamHeaders } from "../server/upstream/upstream-headers.ts";
import { checkAddress } from "./check-address.ts";
import { createEgressConnector } from "./egress-connector.ts";
import type { EgressRules } from "./egress-rules.ts";

/** `fetch` for addresses that people add: webhooks, issuers of identities. */
export interface Egress {
  /**
   * Redirects are answers like any other, and never followed. The whole answer has arrived when it returns.
   * @throws DheeraError `invalid_request` for an address that the rules refuse as it is written, `provider_unreachable` for one whose
   * name means a refused address, `provider_bad_response` for an answer that is too large, `timeout`
   */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
  close(): Promise<void>;
}

export interface EgressOptions {
  /** Bytes of an answer; default 1,000,000. */
  readonly mostBytes?: number;
  /** Of a whole exchange; default 10,000. */
  readonly timeoutMs?: number;
  readonly tls?: Tls | undefined;
  /** By default the system's. */
  readonly resolve?: Resolve;
}

/** The proxies of the environment are not used: they would look up names themselves, where nothing is checked. */
export function openEgress(
  rules: EgressRules,
  { mostBytes = 1_000_000, timeoutMs = 10_000, tls, resolve }: EgressOptions = {},
): Egress {
  const agent = new Agent({
    connect: createEgressConnector(rules, tls, resolve),
    allowH2: false,
    pipelining: 1,
    connections: 16,
    keepAliveTimeout: 4_000,
  });
  return {
    async fetch(input, init) {
      // Reads every form of headers and bodies.
      const request = new Request(input, init);
      const { href, origin, pathname, search } = checkAddress(request.url, rules, "the address");
      const headers = new UpstreamHeaders(request.headers);
      headers.fields["user-agent"] ??= "dheera-ai";
      const body = request.body === null ? null : Buffer.from(await request.arrayBuffer());
      const timeout = AbortSignal.timeout(timeoutMs);
      const signal = AbortSignal.any([request.signal, timeout]);
      const address = { href, origin, path: pathname + search };
      try {
        const answer = await exchange(
          agent,
          { address, method: request.method, headers: headers.fields, body, signal },
          mostBytes,
        );
        return asResponse(answer);
      } catch (error) {
        if (timeout.aborted && error === timeout.reason)
          throw new DheeraError("timeout", `${new URL(href).host} did not answer within ${timeoutMs / 1_000} s`);
        if (isDheeraError(error) && error.code === "provider_bad_response")
          throw new DheeraError(error.code, `the answer of ${new URL(href).host} has more than ${mostBytes} bytes`);
        throw error;
      }
    },
    close: () => agent.destroy(),
  };
}

/** A real one, because libraries look whether it is one. */
function asResponse({ status, statusText, headers, body }: UpstreamAnswer): Response {
  const hasBody = ![204, 205, 304].includes(status);
  return new Response(hasBody ? new Uint8Array(body) : null, { status, statusText, headers: [...headers] });
}
