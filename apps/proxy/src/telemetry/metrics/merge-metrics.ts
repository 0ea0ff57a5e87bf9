import { AggregatorRegistry } from "prom-client";

/** The metrics of one process as plain data that can be sent to another. */
export type MetricsData = readonly object[];

/** Makes one page of the metrics of several workers: counts are added up, and of states the worst is shown. */
export function mergeMetrics(parts: readonly MetricsData[]): Promise<string> {
  return AggregatorRegistry.aggregate([...parts]).metrics();
}
