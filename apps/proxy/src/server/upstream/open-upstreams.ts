import type { Transport } from "@dheera-ai/core";

import type { Telemetry } from "../../telemetry/telemetry.ts";
import { findBun } from "../runtime/bun.ts";

/** The connections of one process to upstreams. */
export interface Upstreams {
  /** How core reaches them, with answers of limited size. */
  transport(mostBytes: number, telemetry: Pick<Telemetry, "outgoingHeaders">): Transport;
  close(): Promise<void>;
}

/** Connections through undici; on Bun through its own `fetch`, which is faster than undici there. */
export async function openUpstreams(): Promise<Upstreams> {
  if (findBun()) {
    const { fetchTransport } = await import("./fetch-transport.ts");
    return { transport: fetchTransport, close: async () => {} };
  }
  const { createTransport, createUpstreamAgent } = await import("./transport.ts");
  const agent = createUpstreamAgent();
  return {
    transport: (mostBytes, telemetry) => createTransport(agent, mostBytes, telemetry),
    close: () => agent.destroy(),
  };
}
