import type { PricedRequest } from "./worst-cost.ts";

/**
 * What the next request of one model may cost: what its price tells, or twice what its dearest request so far did. Where
 * a request cost more than its price told, the price is trusted no further.
 */
export class ExpectedCost {
  readonly #worst: ((request: PricedRequest) => number | undefined) | undefined;
  #dearest = 0;
  /** By how much the dearest one passed what its price told. */
  #excess = 1;

  /** @param worst US dollars that a request costs at most; absent, or undefined, where that is not known */
  constructor(worst?: (request: PricedRequest) => number | undefined) {
    this.#worst = worst;
  }

  /** US dollars to reserve for a request; 0 before anything is known. */
  of(request: PricedRequest): number {
    const worst = this.#worst?.(request);
    return worst === undefined ? this.#dearest * safety : worst * this.#excess;
  }

  /** A request has ended. */
  learn(reserved: number, cost: number): void {
    this.#dearest = Math.max(this.#dearest, cost);
    if (this.#worst && reserved > 0 && cost > reserved) this.#excess *= (cost / reserved) * safety;
  }
}

const safety = 2;
