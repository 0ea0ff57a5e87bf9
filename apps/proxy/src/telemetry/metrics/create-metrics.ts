import { type Gauge, collectDefaultMetrics } from "prom-client";

import type { MetricsPage, TakeSnapshot, Telemetry } from "../telemetry.ts";
import { addBatchGauges } from "./gauges/batch-gauges.ts";
import { addBudgetGauges } from "./gauges/budget-gauges.ts";
import { addCacheGauges } from "./gauges/cache-gauges.ts";
import { CallMetrics } from "./call-metrics.ts";
import { addDatabaseGauges } from "./gauges/database-gauges.ts";
import { addDeploymentGauges } from "./gauges/deployment-gauges.ts";
import { addProcessGauges } from "./gauges/process-gauges.ts";
import { addRedisGauges } from "./gauges/redis-gauges.ts";
import { FallbackMetrics } from "./fallback-metrics.ts";
import { Instruments } from "./instruments.ts";
import { LabelValues } from "./label-values.ts";
import { RequestMetrics } from "./request-metrics.ts";
import { ShadowMetrics } from "./shadow-metrics.ts";

export interface MetricsOptions {
  readonly takeSnapshot: TakeSnapshot;
  readonly version: string;
  /** Log lines that were dropped because their reader was too slow. */
  readonly droppedLines: () => number;
}

export interface Metrics extends Required<Pick<Telemetry, "observer" | "requestStarted" | "requestEnded">> {
  readonly metrics: MetricsPage;
}

/** The metrics of one process. They cost each request about a microsecond (bench/telemetry.ts). */
export function createMetrics({ takeSnapshot, version, droppedLines }: MetricsOptions): Metrics {
  const instruments = new Instruments();
  const requests = new RequestMetrics(instruments, new LabelValues(takeSnapshot));
  const calls = new CallMetrics(instruments, takeSnapshot);
  const fallbacks = new FallbackMetrics(instruments);
  const shadows = new ShadowMetrics(instruments);
  let inFlight = 0;
  addDeploymentGauges(instruments, takeSnapshot);
  addCacheGauges(instruments, takeSnapshot);
  addBudgetGauges(instruments, takeSnapshot);
  addBatchGauges(instruments, takeSnapshot);
  addDatabaseGauges(instruments, takeSnapshot);
  addProcessGauges(instruments, takeSnapshot);
  addRedisGauges(instruments, takeSnapshot);
  addProcessMetrics(instruments, { version, droppedLines, inFlight: () => inFlight });
  const { registry } = instruments;

  return {
    observer: {
      call: (facts, run) => calls.call(facts, run),
      event(event) {
        calls.event(event);
        fallbacks.event(event);
        shadows.event(event);
      },
    },
    requestStarted() {
      inFlight++;
    },
    requestEnded(facts) {
      inFlight--;
      requests.ended(facts);
      fallbacks.ended(facts);
    },
    metrics: {
      contentType: registry.contentType,
      text: () => registry.metrics(),
      data: () => registry.getMetricsAsJSON(),
    },
  };
}

interface ProcessFacts extends Omit<MetricsOptions, "takeSnapshot"> {
  readonly inFlight: () => number;
}

function addProcessMetrics(instruments: Instruments, { version, droppedLines, inFlight }: ProcessFacts): void {
  const requests: Gauge = instruments.gauge("in_flight_requests", [], {
    collect: () => requests.set(inFlight()),
  });
  instruments.gauge("build_info", ["version"], { aggregator: "first" }).set({ version }, 1);
  const dropped = instruments.counter("log_lines_dropped", [], () => {
    dropped.tally({}).value = droppedLines();
  });
  collectDefaultMetrics({ register: instruments.registry });
}
