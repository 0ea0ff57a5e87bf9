import { type Charge, type RateCounter, type Taken, type Usage, minuteMs } from "./rate-counter.ts";

interface Minute {
  used: number;
  /** As `now` gives it. */
  began: number;
}

/** Counts in the memory of this process. */
export class MemoryRateCounter implements RateCounter {
  readonly type = "local";
  readonly #minutes = new Map<string, Minute>();
  readonly #now: () => number;

  /** @param now milliseconds of a clock that nobody sets */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  take(charges: readonly Charge[]): Taken {
    const minutes = charges.map(({ name }) => this.#runningMinute(name) ?? { used: 0, began: this.#now() });
    const fits = charges.every(({ points, limit }, position) => (minutes[position]?.used ?? 0) + points <= limit);
    if (fits)
      for (const [position, { name, points }] of charges.entries()) {
        const minute = minutes[position];
        if (!minute) continue;
        minute.used += points;
        this.#minutes.set(name, minute);
      }
    return { fits, usages: minutes.map((minute) => this.#usageOf(minute)) };
  }

  /** What is known to be used within the minute that runs; undefined where none runs. */
  known(name: string): Usage | undefined {
    const minute = this.#runningMinute(name);
    return minute && this.#usageOf(minute);
  }

  /** Takes over what another counter says. */
  learn(name: string, { used, resetsIn }: Usage): void {
    this.#minutes.set(name, { used, began: this.#now() - (minuteMs - resetsIn) });
  }

  #runningMinute(name: string): Minute | undefined {
    const minute = this.#minutes.get(name);
    return minute && this.#now() - minute.began < minuteMs ? minute : undefined;
  }

  #usageOf({ used, began }: Minute): Usage {
    return { used, resetsIn: Math.max(0, began + minuteMs - this.#now()) };
  }
}
