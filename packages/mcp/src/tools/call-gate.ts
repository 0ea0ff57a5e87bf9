import { DheeraError, isDheeraError } from "@dheera-ai/core";

import type { McpLimits } from "../limits.ts";
import type { McpCall } from "../options.ts";

/** Lets as many rankings run at one time as may, and tells how each call ended. */
export class CallGate {
  readonly #limits: McpLimits;
  readonly #onCall: ((call: McpCall) => void) | undefined;
  #inFlight = 0;

  constructor(limits: McpLimits, onCall: ((call: McpCall) => void) | undefined) {
    this.#limits = limits;
    this.#onCall = onCall;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** @throws DheeraError when too many run already, and what `run` throws */
  async ranking<T>(documents: number, run: () => Promise<T>): Promise<T> {
    return this.counted("rerank", documents, async () => {
      if (this.#inFlight >= this.#limits.parallelCalls)
        throw new DheeraError(
          "rate_limited",
          `${this.#limits.parallelCalls} rankings run already, and no more may at one time`,
        );
      this.#inFlight++;
      try {
        return await run();
      } finally {
        this.#inFlight--;
      }
    });
  }

  /** Tells of a call that was refused for its arguments. */
  refused(tool: McpCall["tool"]): void {
    this.#onCall?.({ tool, outcome: "invalid_request", milliseconds: 0, documents: 0 });
  }

  /** Tells how long `run` took and how it ended. */
  async counted<T>(tool: McpCall["tool"], documents: number, run: () => Promise<T>): Promise<T> {
    const begin = performance.now();
    let outcome = "ok";
    try {
      return await run();
    } catch (error) {
      outcome = isDheeraError(error) ? error.code : "internal";
      throw error;
    } finally {
      this.#onCall?.({ tool, outcome, milliseconds: performance.now() - begin, documents });
    }
  }
}
