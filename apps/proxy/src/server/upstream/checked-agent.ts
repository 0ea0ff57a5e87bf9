import Agent from "undici/lib/dispatcher/agent.js";

import { createEgressConnector } from "../../egress/egress-connector.ts";
import { egressRules } from "../../egress/egress-rules.ts";
import type { Tls } from "./tls.ts";
import { type UpstreamAgent, agentOptions } from "./transport.ts";

/** Connections to addresses that people added, and to no others than the rules allow. */
export function createCheckedAgent(networks: readonly string[], tls: Tls | undefined): UpstreamAgent {
  return new Agent({ ...agentOptions, connect: createEgressConnector(egressRules(networks), tls) });
}
