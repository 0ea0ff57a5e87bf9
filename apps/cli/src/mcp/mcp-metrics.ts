import type { Observer } from "@dheera-ai/core";
import type { McpCall } from "@dheera-ai/mcp";
import { createUpstreamMetrics } from "@dheera-ai/proxy/reporting";

/** What operators see of an MCP server, in the text format of Prometheus. */
export interface McpMetrics {
  readonly page: { readonly contentType: string; text(): Promise<string> };
  /** Of the calls to upstreams, under the names that the proxy has for them. */
  readonly observer: Observer;
  called(call: McpCall): void;
  watch(states: McpStates): void;
}

interface McpStates {
  sessions(): number;
  callsInFlight(): number;
}

export async function createMcpMetrics(version: string): Promise<McpMetrics> {
  const [{ Counter, Gauge, Histogram, Registry }, upstreams] = await Promise.all([
    import("prom-client"),
    createUpstreamMetrics(version),
  ]);
  const registry = new Registry();
  const registers = [registry];
  let states: McpStates = { sessions: () => 0, callsInFlight: () => 0 };
  const calls = new Counter({
    name: "dheera_ai_mcp_calls_total",
    help: "Calls of tools that have ended, by how: ok, or a code of Dheera AI's errors.",
    labelNames: ["tool", "outcome"],
    registers,
  });
  const seconds = new Histogram({
    name: "dheera_ai_mcp_call_duration_seconds",
    help: "Seconds of a call of a tool.",
    labelNames: ["tool"],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120],
    registers,
  });
  const documents = new Counter({
    name: "dheera_ai_mcp_documents_total",
    help: "Documents that calls of rerank brought.",
    registers,
  });
  const sessions: InstanceType<typeof Gauge> = new Gauge({
    name: "dheera_ai_mcp_sessions",
    help: "Sessions that are open, of clients of 2025's protocol.",
    registers,
    collect: () => sessions.set(states.sessions()),
  });
  const inFlight: InstanceType<typeof Gauge> = new Gauge({
    name: "dheera_ai_mcp_calls_in_flight",
    help: "Rankings that run.",
    registers,
    collect: () => inFlight.set(states.callsInFlight()),
  });
  return {
    page: {
      contentType: registry.contentType,
      text: async () => `${await registry.metrics()}\n${await upstreams.metrics.text()}`,
    },
    observer: upstreams.observer,
    called({ tool, outcome, milliseconds, documents: count }) {
      calls.inc({ tool, outcome });
      seconds.observe({ tool }, milliseconds / 1_000);
      documents.inc(count);
    },
    watch(next) {
      states = next;
    },
  };
}
