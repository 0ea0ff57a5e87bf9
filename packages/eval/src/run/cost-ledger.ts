/**
 * What has been spent, and what requests that run may still cost, under a ceiling that is never passed as long as no
 * request costs more than what was reserved for it.
 */
export class CostLedger {
  readonly #ceiling: number;
  #spent = 0;
  #reserved = 0;
  #refused = 0;
  #waiting: (() => void)[] = [];

  /** @param ceiling US dollars; none when absent */
  constructor(ceiling: number | undefined) {
    this.#ceiling = ceiling === undefined ? Infinity : Math.floor(inUnits(ceiling));
  }

  /** US dollars, of requests that have ended. */
  get spent(): number {
    return Number((this.#spent * unit).toPrecision(12));
  }

  /** Requests have cost more than was reserved for them, and all together more than the ceiling. */
  get isPassed(): boolean {
    return this.#spent > this.#ceiling;
  }

  /** US dollars that did not fit the first time that something did not; 0 before. */
  get refused(): number {
    return Number((this.#refused * unit).toPrecision(12));
  }

  /**
   * Waits until all of this fits beside what was spent and what others have reserved.
   * @param amounts US dollars; each is settled by itself
   * @returns false when it does not fit even though nothing else is reserved
   */
  async reserve(amounts: readonly number[]): Promise<boolean> {
    const units = amounts.reduce((sum, amount) => sum + unitsOf(amount), 0);
    while (this.#spent + this.#reserved + units > this.#ceiling) {
      if (this.#reserved === 0) {
        this.#refused ||= units;
        return false;
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#reserved += units;
    return true;
  }

  /** Gives back what was reserved, for what it has cost in the end. */
  settle(reserved: number, spent: number): void {
    this.#reserved -= unitsOf(reserved);
    this.#spent += unitsOf(spent);
    for (const goOn of this.#waiting.splice(0)) goOn();
  }
}

/** US dollars of one unit. Amounts are counted in whole units, rounded up, because only sums of whole numbers are exact. */
const unit = 1e-12;

function unitsOf(dollars: number): number {
  return Math.ceil(inUnits(dollars));
}

/** 0.3 is not 299,999,999,999.99994 of them. */
function inUnits(dollars: number): number {
  return Number((dollars / unit).toPrecision(15));
}
