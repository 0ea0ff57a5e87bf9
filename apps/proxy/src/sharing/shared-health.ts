import type { DeploymentHealth } from "@dheera-ai/core";

import type { Heard, Told } from "./permits-script.ts";
import { longestCooldownMs } from "./times.ts";

/**
 * Whether a deployment gets calls: as this process finds it, and as others do. Who is told to probe sends one call, and
 * the others wait for what comes of it. What is heard of others closes it for five minutes at most, and nothing does that
 * is not heard again.
 */
export class SharedHealth implements DeploymentHealth {
  readonly #own: DeploymentHealth;
  readonly #onUrgent: () => void;
  /** By `performance.now()`: until when others had it closed, as heard last; and since when they have. */
  #closedUntil = 0;
  #closedSince = 0;
  /** The state of Redis that had it closed. */
  #closedEpoch = 0;
  #probe: "none" | "next" | "running" = "none";
  #news = noNews();
  /** Told, and not answered yet. */
  #unheard = noNews();

  /** @param onUrgent others should hear soon of a cooldown that began or ended here */
  constructor(own: DeploymentHealth, onUrgent: () => void) {
    this.#own = own;
    this.#onUrgent = onUrgent;
  }

  get lastError(): DeploymentHealth["lastError"] {
    return this.#own.lastError;
  }

  isOpen(now?: number): boolean {
    this.#news.isAsked = true;
    if (this.#closedUntil === 0 && this.#probe === "none") return this.#own.isOpen(now);
    return this.#probe !== "running" && (now ?? performance.now()) >= this.#closedUntil && this.#own.isOpen(now);
  }

  coolingFor(now: number = performance.now()): number {
    return Math.max(this.#own.coolingFor(now), this.#closedUntil - now, 0);
  }

  began(now?: number): void {
    this.#own.began(now);
    if (this.#probe === "next") this.#probe = "running";
  }

  ended(): void {
    this.#own.ended();
    if (this.#probe === "running") this.#probe = "next";
  }

  succeeded(): boolean {
    const endedHeard = this.#closedUntil !== 0 || this.#probe !== "none";
    const recovered = this.#own.succeeded() || endedHeard;
    if (!recovered) return false;
    this.#open();
    this.#news.cooledUntil = 0;
    this.#news.hasRecovered = true;
    this.#onUrgent();
    return true;
  }

  failed(
    code: Parameters<DeploymentHealth["failed"]>[0],
    retryAfter?: number,
    now: number = performance.now(),
  ): number {
    const seconds = this.#own.failed(code, retryAfter, now);
    const wasProbe = this.#probe === "running";
    if (wasProbe) this.#probe = "none";
    if (seconds === 0 && !wasProbe) return 0;
    if (seconds > 0) this.#news.cooledUntil = now + seconds * 1_000;
    else this.#news.hasFailedProbe = true;
    this.#news.hasRecovered = false;
    this.#onUrgent();
    return seconds;
  }

  /** What it tells in a beat; each piece of news once. */
  tell(): Pick<Told, "cooled" | "recovered" | "failed" | "asked"> {
    const { cooledUntil, hasRecovered, hasFailedProbe, isAsked } = this.#news;
    this.#unheard = this.#news;
    this.#news = noNews();
    return {
      cooled: Math.max(0, Math.ceil(cooledUntil - performance.now())),
      recovered: hasRecovered ? 1 : 0,
      failed: hasFailedProbe ? 1 : 0,
      asked: isAsked ? 1 : 0,
    };
  }

  hear({ epoch, closedFor, probes }: Pick<Heard, "epoch" | "closedFor" | "probes">): void {
    const now = performance.now();
    const { cooledUntil, hasRecovered, hasFailedProbe } = this.#news;
    // What happened since it told is newer than the answer.
    if (cooledUntil > now || hasRecovered || hasFailedProbe) return;
    if (closedFor === 0 && !probes) {
      // A call of another process succeeded meanwhile.
      if (this.#closedEpoch === epoch && this.#own.coolingFor(now) > 0) this.#own.succeeded();
      return this.#open();
    }
    this.#closedEpoch = epoch;
    if (this.#closedSince === 0) this.#closedSince = now;
    if (probes) {
      this.#closedUntil = 0;
      if (this.#probe === "none") this.#probe = "next";
      return;
    }
    this.#probe = "none";
    if (now - this.#closedSince < longestCooldownMs) this.#closedUntil = now + closedFor;
    else this.#closedUntil = 0;
  }

  /** What was told last counts again, unless something happened since. */
  heardNothing(): void {
    const { cooledUntil, hasRecovered, hasFailedProbe } = this.#news;
    if (cooledUntil > 0 || hasRecovered || hasFailedProbe) return;
    this.#news = { ...this.#unheard, isAsked: this.#news.isAsked };
  }

  /** Nobody is heard any more: what was heard ends with its time. */
  decideAlone(): void {
    this.#probe = "none";
  }

  #open(): void {
    this.#closedUntil = 0;
    this.#closedSince = 0;
    this.#closedEpoch = 0;
    this.#probe = "none";
  }
}

function noNews() {
  return { cooledUntil: 0, hasRecovered: false, hasFailedProbe: false, isAsked: false };
}
