import { type Gauge, collectDefaultMetrics } from "prom-client";

import type { Look } from "../subject.ts";
import type { MetricsPage, Telemetry } from "../telemetry.ts";
import { addCacheGauges } from "./cache-gauges.ts";
import { CallMetrics } from "./call-metrics.ts";
import { addDeploymentGauges } from "./deployment-gauges.ts";
import { FallbackMetrics } from "./fallback-metrics.ts";
import { Instruments } from "./instruments.ts";
import { KnownNames } from "./known-names.ts";
import { RequestMetrics } from "./request-metrics.ts";

export interface MetricsOptions {
  readonly look: Look;
  readonly version: string;
  /** Log lines that were given up because nobody read them fast enough. */
  readonly droppedLines: () => number;
}

export interface Metrics extends Required<Pick<Telemetry, "observer" | "requestStarted" | "requestEnded">> {
  readonly metrics: MetricsPage;
}

/** Counts everything; costs each request about a microsecond (bench/telemetry.ts). */
export function createMetrics({ look, version, droppedLines }: MetricsOptions): Metrics {
  const instruments = new Instruments();
  const requests = new RequestMetrics(instruments, new KnownNames(look));
  const calls = new CallMetrics(instruments, look);
  const fallbacks = new FallbackMetrics(instruments);
  let underWay = 0;
  addDeploymentGauges(instruments, look);
  addCacheGauges(instruments, look);
  addProcessMetrics(instruments, { version, droppedLines, underWay: () => underWay });
  const { registry } = instruments;

  return {
    observer: {
      call: (facts, run) => calls.call(facts, run),
      event(event) {
        calls.event(event);
        fallbacks.event(event);
      },
    },
    requestStarted() {
      underWay++;
    },
    requestEnded(facts) {
      underWay--;
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

interface ProcessFacts extends Omit<MetricsOptions, "look"> {
  readonly underWay: () => number;
}

function addProcessMetrics(instruments: Instruments, { version, droppedLines, underWay }: ProcessFacts): void {
  const requests: Gauge = instruments.gauge("in_flight_requests", "Requests being answered.", [], {
    collect: () => requests.set(underWay()),
  });
  instruments
    .gauge("build_info", "Always 1; the label tells the version.", ["version"], { aggregator: "first" })
    .set({ version }, 1);
  const dropped = instruments.counter(
    "log_lines_dropped",
    "Log lines given up because nobody read them fast enough.",
    [],
    () => {
      dropped.tally({}).value = droppedLines();
    },
  );
  collectDefaultMetrics({ register: instruments.registry });
}
