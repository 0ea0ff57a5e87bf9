import { RedisLink, redisSettings } from "@dheera-ai/cache/redis-link";

import type { Logger } from "../../telemetry/telemetry.ts";
import { MemoryRateCounter } from "./memory-rate-counter.ts";
import { type Charge, type RateCounter, type Taken, minuteMs } from "./rate-counter.ts";
import type { RedisAddress } from "./redis-address.ts";
import { type OwnKnowledge, rateScript, readReply, scriptValues } from "./redis-rate-script.ts";

export interface RedisRateCounterOptions {
  readonly address: RedisAddress;
  /** While Redis cannot be asked: count in this process, from what Redis said last, or refuse to count. */
  readonly onFailure: "open" | "closed";
  readonly log: Logger;
  /** Milliseconds that a request waits for Redis, without the time that this process itself is busy; default 250. */
  readonly timeoutMs?: number;
}

/**
 * A counter in Redis, shared by all processes that use the same one. After three failures in a row no request waits for
 * Redis until it has answered again.
 */
export class RedisRateCounter implements RateCounter {
  readonly type = "redis";
  readonly #link: RedisLink;
  readonly #onFailure: "open" | "closed";
  /** What Redis said last, and what was let in since without it. */
  readonly #local = new MemoryRateCounter();
  readonly #debts = new Debts();

  constructor({ address, onFailure, log, timeoutMs = 250 }: RedisRateCounterOptions) {
    this.#onFailure = onFailure;
    let quietUntil = Number.NEGATIVE_INFINITY;
    this.#link = new RedisLink({
      settings: redisSettings(withoutAbsent(address)),
      timeoutMs,
      onLost(reason) {
        if (performance.now() < quietUntil) return;
        quietUntil = performance.now() + reportEveryMs;
        log.warn(`rate limits cannot be shared, because Redis cannot be reached: ${describe(reason)}`);
      },
    });
  }

  async take(charges: readonly Charge[]): Promise<Taken> {
    try {
      const reply = await this.#takeShared(charges);
      if (reply) return reply;
    } catch (error) {
      if (this.#onFailure === "closed") throw error;
    }
    if (this.#onFailure === "closed") throw new Error("Redis cannot be reached");
    const taken = this.#local.take(charges);
    if (taken.fits) for (const { name, points } of charges) this.#debts.add(name, points);
    return taken;
  }

  get state(): "connecting" | "up" | "down" {
    return this.#link.state;
  }

  check(): Promise<void> {
    return this.#link.check();
  }

  async close(): Promise<void> {
    this.#link.close();
  }

  /** Undefined where Redis is known to be away. */
  async #takeShared(charges: readonly Charge[]): Promise<Taken | undefined> {
    const known = charges.map(({ name }) => this.#knowledgeOf(name));
    const owe = (sign: 1 | -1): void => {
      for (const [position, { name }] of charges.entries()) this.#debts.add(name, sign * (known[position]?.owed ?? 0));
    };
    // One call alone tells Redis of a debt.
    owe(-1);
    let isTold = false;
    try {
      const reply = await this.#link.run(
        rateScript,
        charges.map(({ name }) => `${keyPrefix}:${name}`),
        charges.flatMap((charge, position) => scriptValues(charge, known[position] ?? nothing)),
        // Redis has counted after all what was counted here when no answer came.
        (late) => {
          owe(-1);
          if (readReply(late).fits) for (const { name, points } of charges) this.#debts.add(name, -points);
        },
      );
      isTold = reply !== undefined;
      return isTold ? this.#learn(charges, readReply(reply)) : undefined;
    } finally {
      if (!isTold) owe(1);
    }
  }

  #learn(charges: readonly Charge[], taken: Taken): Taken {
    for (const [position, { name }] of charges.entries()) {
      const usage = taken.usages[position];
      if (usage) this.#local.learn(name, { ...usage, used: usage.used + this.#debts.of(name) });
    }
    return taken;
  }

  #knowledgeOf(name: string): OwnKnowledge {
    const usage = this.#local.known(name);
    if (!usage) {
      this.#debts.forget(name);
      return nothing;
    }
    const owed = this.#debts.of(name);
    return { owed, used: Math.max(0, usage.used - owed), age: minuteMs - usage.resetsIn };
  }
}

/** Points that were let in without Redis; it is told of them while their minute runs. */
class Debts {
  readonly #points = new Map<string, number>();

  of(name: string): number {
    return this.#points.get(name) ?? 0;
  }

  /** A late answer may take back what has been forgotten. */
  add(name: string, points: number): void {
    if (points !== 0) this.#points.set(name, Math.max(0, this.of(name) + points));
  }

  /** Their minute is over. */
  forget(name: string): void {
    this.#points.delete(name);
  }
}

const nothing: OwnKnowledge = { owed: 0, used: 0, age: 0 };

/** What the keys in Redis begin with. The braces lay them in one slot of a Redis Cluster, where a script's keys must lie. */
const keyPrefix = "dheera-ai:{limit}";

/** A failure that comes with every attempt to connect must not fill the log. */
const reportEveryMs = 60_000;

function describe(reason: unknown): string {
  if (!(reason instanceof Error)) return "no reason given";
  // An error after several addresses were tried has a code and no message.
  return reason.message || ("code" in reason ? String(reason.code) : reason.name);
}

function withoutAbsent(address: RedisAddress): Parameters<typeof redisSettings>[0] {
  return Object.fromEntries(Object.entries(address).filter(([, value]) => value !== undefined));
}
