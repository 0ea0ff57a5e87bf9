import type { Transport } from "@dheera-ai/core";
import { rememberSuccess } from "@dheera-ai/core/provider-utils";
import type { Dispatcher } from "undici";

import type { Telemetry } from "../../telemetry/telemetry.ts";
import { findBun } from "../runtime/bun.ts";
import type { OutgoingProxies } from "./outgoing-proxies.ts";
import type { Tls } from "./tls.ts";

/** The connections of one process to upstreams. */
export interface Upstreams {
  /** How core reaches them, with answers of limited size. Equal ways share their connections. */
  transport(way: UpstreamWay, mostBytes: number, telemetry: Pick<Telemetry, "outgoingHeaders">): Promise<Transport>;
  /** The runtime's own `fetch` over the same connections, for answers of any size. */
  fetch(way: UpstreamWay): Promise<typeof globalThis.fetch>;
  close(): Promise<void>;
}

/** How upstreams are reached where that differs from the default. */
export interface UpstreamWay {
  readonly tls?: Tls | undefined;
  readonly proxies?: OutgoingProxies | undefined;
  /** Connections go where people may lead them, and through no proxy, which would look up names itself. */
  readonly egress?: { readonly networks: readonly string[] } | undefined;
}

/**
 * Connections through undici; on Bun through its own `fetch`, which is faster than undici there, but for ways with rules: it looks up
 * names where nobody can see what they mean.
 */
export async function openUpstreams(): Promise<Upstreams> {
  if (!findBun()) return openOnNode();
  const { fetchTransport, fetchWith } = await import("./fetch-transport.ts");
  let checked: Upstreams | undefined;
  const openChecked = rememberSuccess(async () => (checked = await openOnNode()));
  return {
    async transport(way, mostBytes, telemetry) {
      if (way.egress === undefined) return fetchTransport(way, mostBytes, telemetry);
      const { transport } = await openChecked();
      return transport(way, mostBytes, telemetry);
    },
    fetch: async ({ tls }) => fetchWith(tls),
    async close() {
      await checked?.close();
    },
  };
}

async function openOnNode(): Promise<Upstreams> {
  const { createProxiedAgent, createTransport, createUpstreamAgent } = await import("./transport.ts");
  const agents = new Map<string, ReturnType<typeof openAgent>>();
  const openAgent = async ({ tls, proxies, egress }: UpstreamWay): Promise<UpstreamConnections> => {
    if (egress) {
      const { createCheckedAgent } = await import("./checked-agent.ts");
      return { agent: createCheckedAgent(egress.networks, tls), fetch: refuseStreams };
    }
    const agent = proxies ? await createProxiedAgent(tls ?? {}, proxies) : createUpstreamAgent(tls);
    return { agent, ...((tls ?? proxies) ? { fetch: await fetchThrough(agent) } : {}) };
  };
  const connectionsOf = (way: UpstreamWay): Promise<UpstreamConnections> => {
    const key = JSON.stringify(way);
    const opened = agents.get(key) ?? openAgent(way);
    agents.set(key, opened);
    return opened;
  };
  return {
    async transport(way, mostBytes, telemetry) {
      const { agent, fetch } = await connectionsOf(way);
      return createTransport(agent, mostBytes, telemetry, fetch);
    },
    async fetch(way) {
      const { fetch = globalThis.fetch } = await connectionsOf(way);
      return fetch;
    },
    async close() {
      for (const opened of agents.values()) await opened.then(({ agent }) => agent.destroy()).catch(() => {});
    },
  };
}

/** The runtime's own `fetch` would connect where the rules do not see it. Providers send texts and bytes. */
function refuseStreams(): Promise<Response> {
  return Promise.reject(new TypeError("forms and streams cannot be sent to addresses that were added over the API"));
}

interface UpstreamConnections {
  readonly agent: Dispatcher;
  readonly fetch?: typeof globalThis.fetch;
}

/** The runtime's own `fetch` over these connections; it knows undici's interface of some versions ago. */
async function fetchThrough(agent: Dispatcher): Promise<typeof globalThis.fetch> {
  const { default: Dispatcher1Wrapper } = await import("undici/lib/dispatcher/dispatcher1-wrapper.js");
  const dispatcher = new Dispatcher1Wrapper(agent);
  return (input, init) => globalThis.fetch(input, Object.assign({ ...init }, { dispatcher }));
}
