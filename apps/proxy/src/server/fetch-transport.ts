import type { Transport } from "@dheera-ai/core";

import { boundedFetch } from "../bounded-fetch.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";

/** How core reaches upstreams through the runtime's own `fetch`, which keeps connections alive by itself. */
export function fetchTransport(mostBytes: number, telemetry: Pick<Telemetry, "outgoingHeaders">): Transport {
  const fetch = boundedFetch((...args) => globalThis.fetch(...args), mostBytes);
  return {
    fetch: (input, init) => {
      const headers = new Headers(init?.headers);
      if (!headers.has("user-agent")) headers.set("user-agent", "dheera-ai");
      for (const [name, value] of Object.entries(telemetry.outgoingHeaders?.() ?? {})) headers.set(name, value);
      return fetch(input, { ...init, ...noTimeout, headers });
    },
  };
}

/** Bun gives up after five minutes unless told otherwise; deadlines are core's business. */
const noTimeout = { timeout: false };
