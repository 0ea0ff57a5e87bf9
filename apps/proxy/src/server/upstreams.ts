import type { Transport } from "@dheera-ai/core";
import { Agent } from "undici";

import type { Telemetry } from "../telemetry/telemetry.ts";
import { fetchTransport } from "./fetch-transport.ts";
import { createTransport, createUpstreamAgent } from "./transport.ts";

/** The connections of one process to upstreams. */
export interface Upstreams {
  /** How core reaches them, with answers of limited size. */
  transport(mostBytes: number, telemetry: Pick<Telemetry, "outgoingHeaders">): Transport;
  close(): Promise<void>;
}

/** Connections through undici where it is the real one. */
export function openUpstreams(): Upstreams {
  if (!canDispatch()) return { transport: fetchTransport, close: async () => {} };
  const agent = createUpstreamAgent();
  return { transport: (mostBytes, telemetry) => createTransport(agent, mostBytes, telemetry), close: () => agent.destroy() };
}

/** Under that name Bun imports something of its own, whose agents have no methods. */
function canDispatch(): boolean {
  return "dispatch" in Agent.prototype;
}
