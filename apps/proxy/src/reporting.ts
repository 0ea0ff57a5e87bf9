// Requests, errors, events and tables in the words and forms of the proxy, for programs that do not load its server.
import type { Metrics } from "./telemetry/metrics/create-metrics.ts";

export { refuseDestination } from "./access/permissions.ts";
export { cohereFormat } from "./formats/cohere.ts";
export { type ErrorBody, errorBody } from "./formats/error-body.ts";
export { csvText } from "./management/spend/csv.ts";
export { describeError } from "./telemetry/logs/describe-error.ts";
export { eventLog } from "./telemetry/logs/event-log.ts";
export type { LogFields, Logger } from "./telemetry/telemetry.ts";

/** Metrics of calls to upstreams and of the process, for a program that serves something else than the proxy's routes. */
export async function createUpstreamMetrics(version: string): Promise<Pick<Metrics, "observer" | "metrics">> {
  const { createMetrics } = await import("./telemetry/metrics/create-metrics.ts");
  return createMetrics({ takeSnapshot: () => undefined, version, droppedLines: () => 0 });
}
