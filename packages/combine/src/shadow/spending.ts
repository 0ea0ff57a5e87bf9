/** What shadows have cost today (in UTC), by the pair of models. It may outlive the instance whose shadows they are. */
export class ShadowSpending {
  readonly #byPair = new Map<string, Spent>();
  readonly #now: () => number;

  /** @param now milliseconds since the epoch */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /**
   * Whether one more may be asked beside those that run. It is taken to cost as much as the dearest of today, and as its
   * part by size of the dearest that was ever known. Until a cost of today is known they are asked one by one.
   * @param most US dollars a day
   * @param units size of the question
   */
  whyNot(pair: string, most: number, units: number, running: number): NoMoney | undefined {
    if (most === Infinity) return undefined;
    const { cost, today, dearest, isUnknown } = this.#of(pair);
    if (isUnknown) return "unknown_cost";
    const estimate = Math.max(today ?? 0, shareOf(dearest, units));
    if (most <= 0 || estimate > most) return "too_dear";
    const fits = today === undefined ? running === 0 : cost + (running + 1) * estimate <= most;
    return fits ? undefined : "max_cost_per_day";
  }

  /**
   * @param cost US dollars; undefined where an upstream that bills did not say, which counts as the dearest that is known
   * @param units size of the question
   */
  add(pair: string, cost: number | undefined, units: number): void {
    const spent = this.#of(pair);
    const counted = cost ?? spent.dearest?.cost;
    if (counted === undefined) {
      spent.isUnknown = true;
      return;
    }
    spent.cost += counted;
    spent.today = Math.max(spent.today ?? 0, counted);
    if (cost !== undefined && cost >= (spent.dearest?.cost ?? 0)) spent.dearest = { cost, units };
  }

  #of(pair: string): Spent {
    const day = Math.floor(this.#now() / 86_400_000);
    const known = this.#byPair.get(pair);
    if (known?.day === day) return known;
    const spent = { day, cost: 0, today: undefined, dearest: known?.dearest, isUnknown: false };
    this.#byPair.set(pair, spent);
    return spent;
  }
}

/** `too_dear`: it alone would pass the limit; `unknown_cost`: nobody has named a price yet, and one was asked today. */
export type NoMoney = "max_cost_per_day" | "too_dear" | "unknown_cost";

interface Spent {
  readonly day: number;
  cost: number;
  /** The dearest request of today. */
  today: number | undefined;
  /** The dearest one that was ever known, and its size. */
  dearest: { readonly cost: number; readonly units: number } | undefined;
  /** Something was paid for when no price was known: what is left of the day's money is not known. */
  isUnknown: boolean;
}

/** A larger question counts as the dearest itself. */
function shareOf(dearest: Spent["dearest"], units: number): number {
  return dearest ? dearest.cost * Math.min(1, units / Math.max(1, dearest.units)) : 0;
}
