import type { DheeraEvent } from "@dheera-ai/core";

import { type Instruments, correlationBuckets, latencyBuckets, shareBuckets } from "./instruments.ts";
import { none } from "./label-values.ts";

/** Compares models on requests that went to a second one as well. Both names are the configuration's. */
export class ShadowMetrics {
  readonly #metrics: ReturnType<typeof makeMetrics>;

  constructor(instruments: Instruments) {
    this.#metrics = makeMetrics(instruments);
  }

  event(event: DheeraEvent): void {
    if (event.type !== "shadow") return;
    const { requests, overlap, tau, latency, cost } = this.#metrics;
    const pair = { requested_model: event.modelName, shadow_model: event.shadow };
    const { outcome } = event;
    requests.tally({ ...pair, outcome, reason: outcome === "compared" ? none : event.reason }).value++;
    if (outcome !== "compared") return;
    overlap.distribution(pair).observe(event.overlap);
    if (event.kendallTau !== undefined) tau.distribution(pair).observe(event.kendallTau);
    if (event.milliseconds !== undefined && event.shadowMilliseconds !== undefined) {
      latency.distribution({ ...pair, side: "served" }).observe(event.milliseconds / 1000);
      latency.distribution({ ...pair, side: "shadow" }).observe(event.shadowMilliseconds / 1000);
    }
    if (event.cost !== undefined) cost.tally({ ...pair, side: "served" }).value += event.cost;
    if (event.shadowCost !== undefined) cost.tally({ ...pair, side: "shadow" }).value += event.shadowCost;
  }
}

function makeMetrics(instruments: Instruments) {
  const pair = ["requested_model", "shadow_model"] as const;
  const bySide = [...pair, "side"] as const;
  return {
    requests: instruments.counter("shadow_requests", [...pair, "outcome", "reason"]),
    overlap: instruments.histogram("shadow_overlap", pair, shareBuckets),
    tau: instruments.histogram("shadow_kendall_tau", pair, correlationBuckets),
    latency: instruments.histogram("shadow_latency_seconds", bySide, latencyBuckets),
    cost: instruments.counter("shadow_cost", bySide),
  };
}
