import { RedisLink, type RedisScript, redisSettings } from "@dheera-ai/cache/redis-link";
import type { DeploymentBudget, ShareDeployment, SharedDeployment } from "@dheera-ai/core";

import type { RedisAddress } from "../access/limits/redis-address.ts";
import type { Logger } from "../telemetry/telemetry.ts";
import { Member } from "./member.ts";
import { minutesScript, minutesValues, readHeardMinutes } from "./minutes-script.ts";
import { permitsScript, permitsValues, readHeard } from "./permits-script.ts";
import { minutesKey } from "./server-key.ts";
import { SharedMinutes } from "./shared-minutes.ts";
import { beatMs, soonMs } from "./times.ts";

export interface SharedServersOptions {
  readonly address: RedisAddress;
  readonly log: Logger;
  /** Workers of this proxy, among which limits were divided already. */
  readonly workers: number;
  /** Milliseconds that Redis may take for a beat, without the time that this process itself is busy; default 250. */
  readonly timeoutMs?: number;
  /** Milliseconds after which a member that is not heard of counts as dead; default 3,000. */
  readonly leaseMs?: number;
  /** Milliseconds of a minute of `rpm`; default 60,000. */
  readonly minuteMs?: number;
}

/** What is told in one step, members or minutes: Redis serves nobody else meanwhile. */
const mostPerStep = 50;

/**
 * Shares servers with other processes through Redis: tells a few times a second what the deployments of this process need
 * and found out, and lets them do what they hear. No request waits for it.
 */
export class SharedServers {
  readonly #link: RedisLink;
  readonly #script: RedisScript;
  readonly #minutesScript: RedisScript;
  readonly #minuteMs: number | undefined;
  readonly #workers: number;
  /** Those that are in use, or were. */
  readonly #members = new Set<Member>();
  readonly #minutes = new Set<SharedMinutes>();
  /** By what would count the calls of a minute alone, which deployments of one entry share. */
  readonly #minutesOf = new WeakMap<DeploymentBudget, SharedMinutes>();
  #timer: NodeJS.Timeout | undefined;
  /** When the next beat is due, by `performance.now()`. */
  #dueAt = Infinity;
  #beating: Promise<void> | undefined;
  #isClosed = false;

  constructor({ address, log, workers, timeoutMs = 250, leaseMs, minuteMs }: SharedServersOptions) {
    this.#script = permitsScript(leaseMs);
    this.#minutesScript = minutesScript(leaseMs, minuteMs);
    this.#minuteMs = minuteMs;
    this.#workers = workers;
    let quietUntil = Number.NEGATIVE_INFINITY;
    this.#link = new RedisLink({
      settings: redisSettings(Object.fromEntries(Object.entries(address).filter(([, value]) => value !== undefined))),
      timeoutMs,
      onLost: () => {
        if (performance.now() < quietUntil) return;
        quietUntil = performance.now() + reportEveryMs;
        log.warn("servers are not shared with other processes, because Redis cannot be reached: each decides alone");
      },
    });
  }

  /** Whether Redis can be reached now. */
  get state(): "connecting" | "up" | "down" {
    return this.#link.state;
  }

  /** What core asks for each deployment: it becomes a member when it is used first. */
  readonly share: ShareDeployment = (deployment, alone) => {
    const onUrgent = (): void => {
      if (!member.hasLeft) this.#members.add(member);
      this.#beatWithin(soonMs);
    };
    const minutes = this.#joinMinutes(deployment, alone.budget);
    const member: Member = new Member({ deployment, alone, workers: this.#workers, minutes, onUrgent });
    const { allowance, health } = member;
    return {
      allowance,
      health,
      budget: minutes ?? alone.budget,
      leave: () => {
        member.leave();
        // Who joins after all have left begins anew.
        if (minutes?.leave(deployment) === true) this.#minutesOf.delete(alone.budget);
        this.#beatWithin(0);
      },
    };
  };

  #joinMinutes(deployment: SharedDeployment, alone: DeploymentBudget): SharedMinutes | undefined {
    const { rpm: limit } = deployment.params;
    if (limit === undefined) return undefined;
    const minutes: SharedMinutes =
      this.#minutesOf.get(alone) ??
      new SharedMinutes({
        key: minutesKey(deployment),
        limit,
        workers: this.#workers,
        minuteMs: this.#minuteMs,
        onUrgent: () => {
          this.#minutes.add(minutes);
          this.#beatWithin(soonMs);
        },
      });
    this.#minutesOf.set(alone, minutes);
    minutes.join(deployment);
    return minutes;
  }

  /** @internal Tells nothing any more, as a process that died. */
  fallSilent(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  /** Gives back what its members hold, as far as Redis answers in time. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#beating;
    for (const member of this.#members) member.leave();
    for (const minutes of this.#minutes) minutes.leaveAll();
    await this.#beat();
    this.#link.close();
  }

  #beatWithin(milliseconds: number): void {
    const dueAt = performance.now() + milliseconds;
    if (this.#isClosed || this.#members.size + this.#minutes.size === 0 || dueAt >= this.#dueAt) return;
    this.#dueAt = dueAt;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#beatNow(), milliseconds).unref();
  }

  #beatNow(): void {
    if (this.#beating) return;
    this.#beating = this.#beat().finally(() => {
      this.#beating = undefined;
      this.#dueAt = Infinity;
      const isOwed = [...this.#members, ...this.#minutes].some((one) => one.isOwed);
      this.#beatWithin(isOwed ? soonMs : beatMs);
    });
  }

  /** Never rejects. */
  async #beat(): Promise<void> {
    const now = performance.now();
    const due = [...this.#members].filter((member) => member.isDue(now));
    // Who leaves while others are heard says so in the next beat.
    const leaving = due.filter((member) => member.hasLeft);
    await Promise.all([
      ...steps(due).map((some) => this.#tell(some)),
      ...steps([...this.#minutes].filter((one) => one.isDue(now))).map((some) => this.#tellMinutes(some)),
    ]);
    for (const member of leaving) this.#members.delete(member);
  }

  async #tellMinutes(due: readonly SharedMinutes[]): Promise<void> {
    const toldAt = performance.now();
    const leaving = due.filter((minutes) => minutes.hasLeft);
    const reply = await this.#link
      .run(
        this.#minutesScript,
        due.map(({ key }) => `${keyPrefix}:${key}`),
        due.flatMap((minutes) => minutesValues(minutes.id, minutes.tell(toldAt))),
        ignore,
      )
      .then((answer) => (answer === undefined ? undefined : readHeardMinutes(answer, due.length)))
      .catch(() => undefined);
    for (const [position, minutes] of due.entries()) {
      const heard = reply?.[position];
      if (heard) minutes.hear(heard, toldAt);
      else minutes.heardNothing();
    }
    for (const minutes of leaving) this.#minutes.delete(minutes);
  }

  async #tell(members: readonly Member[]): Promise<void> {
    const toldAt = performance.now();
    const rows = members.flatMap((member) => member.tell(toldAt).map(({ key, told }) => ({ member, key, told })));
    try {
      const reply = await this.#link.run(
        this.#script,
        rows.map(({ key }) => `${keyPrefix}:${key}`),
        [Math.random(), ...rows.flatMap(({ member, told }) => permitsValues(member.id, told))],
        ignore,
      );
      if (reply !== undefined) {
        const heard = readHeard(reply, rows.length);
        for (const member of members)
          member.hear(
            heard.filter((_, position) => rows[position]?.member === member),
            toldAt,
          );
        return;
      }
    } catch {
      // Redis is away or says what the script does not: the circuit breaker of the link reports it.
    }
    for (const member of members) member.heardNothing();
  }
}

function steps<T>(due: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(due.length / mostPerStep) }, (_, step) =>
    due.slice(step * mostPerStep, (step + 1) * mostPerStep),
  );
}

/** What the keys in Redis begin with. The braces lay them in one slot of a Redis Cluster, where a script's keys must lie. */
const keyPrefix = "dheera-ai:{servers}";

/** A failure that comes with every attempt to connect must not fill the log. */
const reportEveryMs = 60_000;

/** What a late answer lends is told again in the next beat. */
function ignore(): void {}
