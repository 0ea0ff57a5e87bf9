import type { DheeraEvent } from "@dheera-ai/core";

import type { RequestFacts } from "../telemetry.ts";
import type { Instruments } from "./instruments.ts";
import type { TalliedCounter } from "./tallied-counter.ts";

type Fallback = Extract<DheeraEvent, { type: "fallback" }>;
type Label = "requested_model" | "fallback_model" | "exception_class";

/** Counts fallbacks by how they ended, which is known only when their request has ended. */
export class FallbackMetrics {
  /** Fallbacks of requests in flight, by call id. */
  readonly #inFlight = new Map<string, Fallback[]>();
  readonly #successful: TalliedCounter<Label>;
  readonly #failed: TalliedCounter<Label>;

  constructor(instruments: Instruments) {
    const labels = ["requested_model", "fallback_model", "exception_class"] as const;
    this.#successful = instruments.counter("deployment_successful_fallbacks", labels);
    this.#failed = instruments.counter("deployment_failed_fallbacks", labels);
  }

  event(event: DheeraEvent): void {
    if (event.type !== "fallback") return;
    const known = this.#inFlight.get(event.callId);
    if (known) known.push(event);
    else this.#inFlight.set(event.callId, [event]);
  }

  ended({ callId, code, report }: RequestFacts): void {
    if (!report || report.fallbacks === 0) return;
    const fallbacks = this.#inFlight.get(callId) ?? [];
    this.#inFlight.delete(callId);
    const hasServed = code === undefined && report.passthrough === undefined;
    fallbacks.forEach(({ to, code: reason }, position) => {
      const counter = hasServed && position === fallbacks.length - 1 ? this.#successful : this.#failed;
      counter.tally({ requested_model: fallbacks[0]?.from ?? to, fallback_model: to, exception_class: reason }).value++;
    });
  }
}
