import { randomUUID } from "node:crypto";

import type { DeploymentBudget, SharedDeployment } from "@dheera-ai/core";

import type { HeardMinute, ToldMinute } from "./minutes-script.ts";
import { aloneAfterMs, leaseMs, restMs, minuteMs as wholeMinuteMs } from "./times.ts";

type Background = Parameters<DeploymentBudget["isOpen"]>[0];

export interface SharedMinutesOptions {
  readonly key: string;
  /** Calls a minute of all processes together. */
  readonly limit: number;
  /** Processes that there are at least: the workers of this proxy. */
  readonly workers: number;
  /** Calls that could be made have to wait for more. */
  readonly onUrgent: () => void;
  /** Milliseconds of a minute. */
  readonly minuteMs?: number | undefined;
}

/** The part of a limit that a process takes before it has heard of others. */
const firstShare = 1 / 64;
/** The part of an even part that a process keeps while it makes no calls. */
const idleShare = 1 / 8;
/** Beats in which what was made in one beat could be made again. */
const beatsAhead = 5;
/** The part of a minute by which a process may begin the next one before Redis does: a second. */
const earlyPart = 1 / 60;

/**
 * The calls of a minute that this process may make at a server that other processes use too: it holds some, and asks for
 * more in its next beat before it has used them up. Calls beyond what it holds wait for that beat, and are refused once
 * nobody holds any that are left. When Redis is away it keeps to what it holds, and from the next minute on to an even part.
 */
export class SharedMinutes implements DeploymentBudget {
  readonly id: string = randomUUID();
  readonly key: string;
  readonly #options: SharedMinutesOptions;
  readonly #minuteMs: number;
  readonly #deployments = new Set<SharedDeployment>();
  #mode: "joining" | "shared" | "alone" = "joining";
  #epoch = 0;
  /** The minute of Redis; 0 before it was heard of. */
  #minute = 0;
  /** By `performance.now()`. */
  #endsAt = Infinity;
  #heardAt = -Infinity;
  #toldAt = -Infinity;
  #held: number;
  #used = 0;
  #next = 0;
  #free = Infinity;
  #members: number;
  #want = 0;
  #usedSinceBeat = 0;
  /** Somebody asked for a call when none was left. */
  #ranDry = false;
  /** Of the calls those of others than background work, and how many they were in the minute before. */
  #others = 0;
  #othersBefore = 0;

  constructor(options: SharedMinutesOptions) {
    this.#options = options;
    this.key = options.key;
    this.#minuteMs = options.minuteMs ?? wholeMinuteMs;
    this.#members = options.workers;
    this.#held = Math.max(1, Math.floor(options.limit * firstShare));
  }

  /** Calls that may begin now; infinite where all of the minute are used up, so that nobody waits for more. */
  callsLeft(now: number = performance.now()): number {
    this.#begin(now);
    const left = Math.max(0, this.#held - this.#used);
    if (left > 0) return left;
    if (this.#isUsedUp()) return Infinity;
    if (!this.#ranDry) {
      this.#ranDry = true;
      this.#options.onUrgent();
    }
    return 0;
  }

  /** Work in the background leaves others as many calls as they had in the minute before. */
  isOpen(background?: Background): boolean {
    const now = performance.now();
    this.#begin(now);
    const left = this.#held - this.#used;
    if (
      background &&
      left + Math.min(this.#free, this.#options.limit) / this.#members <= this.#othersBefore - this.#others
    )
      return false;
    if (left > 0 || !this.#isUsedUp()) return true;
    this.#ranDry = true;
    return false;
  }

  use(now: number, background?: Background): void {
    this.#begin(now);
    this.#used++;
    this.#usedSinceBeat++;
    if (!background) this.#others++;
    if (this.#minute === 0 && this.#used === 1) this.#options.onUrgent();
  }

  secondsLeft(now: number = performance.now()): number {
    return Math.max(1, Math.ceil((Math.min(this.#endsAt, now + this.#minuteMs) - now) / 1_000));
  }

  /** Calls of it wait for this process to hear of more. */
  get isOwed(): boolean {
    return this.#ranDry && !this.#isUsedUp();
  }

  /** Who makes no calls and wants none tells less often. */
  isDue(now: number): boolean {
    const isBusy = this.#usedSinceBeat > 0 || this.#want > 0 || this.#ranDry || this.hasLeft;
    return isBusy || now - this.#toldAt >= restMs;
  }

  join(deployment: SharedDeployment): void {
    this.#deployments.add(deployment);
  }

  /** @returns whether nobody uses it any more */
  leave(deployment: SharedDeployment): boolean {
    this.#deployments.delete(deployment);
    return this.hasLeft;
  }

  /** Gives back what it holds, with the next beat. */
  leaveAll(): void {
    this.#deployments.clear();
  }

  get hasLeft(): boolean {
    return this.#deployments.size === 0;
  }

  /** What it tells in a beat. What it does not need it gives back. */
  tell(now: number): ToldMinute {
    this.#begin(now);
    this.#toldAt = now;
    const { limit } = this.#options;
    const waiting = this.#ranDry ? Math.max(1, 2 * this.#want, this.#callsWaiting()) : 0;
    this.#want = Math.min(limit, Math.max(waiting, beatsAhead * this.#usedSinceBeat, Math.floor(this.#want * 0.75)));
    this.#usedSinceBeat = 0;
    this.#ranDry = false;
    const reserve = Math.floor((limit * idleShare) / this.#members);
    if (this.#mode === "shared") this.#held = Math.min(this.#held, this.#used + Math.max(this.#want, reserve));
    return {
      leaving: this.hasLeft ? 1 : 0,
      epoch: this.#epoch,
      limit,
      minute: this.#minute,
      held: this.#held,
      used: this.#used,
      next: this.#mode === "alone" ? this.#evenPart : this.#next,
      want: this.#want,
    };
  }

  hear({ epoch, minute, endsIn, held, next, free, members }: HeardMinute, toldAt: number): void {
    this.#heardAt = toldAt;
    const now = performance.now();
    this.#begin(now);
    this.#mode = "shared";
    this.#epoch = epoch;
    this.#members = members;
    if (minute < this.#minute && this.#minute <= this.#latestMinute({ minute, endsIn }, now - toldAt)) return;
    // Where the clock of Redis was put back, calls that were made already count in the minute that it is in now.
    if (minute > this.#minute && this.#minute !== 0) this.#newMinute();
    const { limit } = this.#options;
    this.#minute = minute;
    this.#endsAt = now + Math.min(endsIn, this.#minuteMs);
    this.#held = Math.min(held, limit);
    this.#next = Math.min(next, limit);
    this.#free = free;
    this.#admitWaiting();
  }

  /** Until it counts as dead elsewhere it keeps to what it heard last. */
  heardNothing(now: number = performance.now()): void {
    if (this.#mode === "alone" || now - this.#heardAt < aloneAfterMs) return;
    if (this.#mode === "joining") {
      this.#held = this.#evenPart;
      this.#endsAt = now + this.#minuteMs;
    }
    this.#mode = "alone";
    this.#admitWaiting();
  }

  get #evenPart(): number {
    return Math.max(1, Math.floor(this.#options.limit / this.#members));
  }

  /** Of all processes as far as it knows, or of its own where it decides alone. */
  #isUsedUp(): boolean {
    return this.#used >= this.#held && (this.#mode === "alone" || this.#free === 0);
  }

  /** Minutes that are over by its own clock, since it heard when this one ends. */
  #begin(now: number): void {
    if (now < this.#endsAt) return;
    const isHeard = this.#mode === "alone" || now - this.#heardAt < leaseMs;
    const minutes = Math.floor((now - this.#endsAt) / this.#minuteMs) + 1;
    const next = this.#mode === "alone" ? this.#evenPart : isHeard && minutes === 1 ? this.#next : 0;
    this.#newMinute();
    if (minutes > 1) this.#othersBefore = 0;
    this.#held = next;
    this.#next = 0;
    this.#free = Infinity;
    if (this.#minute > 0) this.#minute += minutes;
    this.#endsAt += minutes * this.#minuteMs;
  }

  /** The minute that Redis may be in by now: an answer takes its time, and this process may begin a minute a little before Redis. */
  #latestMinute({ minute, endsIn }: Pick<HeardMinute, "minute" | "endsIn">, takenMs: number): number {
    const overMs = takenMs + this.#minuteMs * earlyPart - endsIn;
    return overMs < 0 ? minute : minute + 1 + Math.floor(overMs / this.#minuteMs);
  }

  #newMinute(): void {
    this.#used = 0;
    this.#othersBefore = this.#others;
    this.#others = 0;
  }

  /** As many calls as wait, if they are like those in flight. */
  #callsWaiting(): number {
    let [waiting, inFlight, calls] = [0, 0, 0];
    for (const { admission } of this.#deployments) {
      waiting += admission.documentsQueued;
      inFlight += admission.documentsInFlight;
      calls += admission.callsInFlight;
    }
    return Math.ceil((waiting * Math.max(1, calls)) / Math.max(1, inFlight));
  }

  #admitWaiting(): void {
    for (const { admission } of this.#deployments) admission.admitWaiting();
  }
}
