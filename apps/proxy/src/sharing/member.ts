import { randomUUID } from "node:crypto";

import type { Deciders, SharedDeployment } from "@dheera-ai/core";

import type { Heard, Told } from "./permits-script.ts";
import { serverKey } from "./server-key.ts";
import { SharedAllowance } from "./shared-allowance.ts";
import { SharedHealth } from "./shared-health.ts";
import { aloneAfterMs } from "./times.ts";

export interface MemberOptions {
  readonly deployment: SharedDeployment;
  /** What decides while nobody is heard. */
  readonly alone: Deciders;
  readonly workers: number;
  readonly onUrgent: () => void;
}

/** Milliseconds without use after which it tells less often, and how often then. */
const restsAfterMs = 10_000;
const restMs = 1_000;

/** One deployment of this process among those that share its server. */
export class Member {
  readonly id: string = randomUUID();
  readonly server: string;
  readonly allowance: SharedAllowance;
  readonly health: SharedHealth;
  readonly #deployment: SharedDeployment;
  #hasLeft = false;
  /** By `performance.now()`. */
  #usedAt = -Infinity;
  #toldAt = -Infinity;
  /** When what was answered last was told; it has not been heard of before. */
  #heardAt = -Infinity;

  constructor({ deployment, alone, workers, onUrgent }: MemberOptions) {
    this.#deployment = deployment;
    this.server = serverKey(deployment);
    const onUse = (): void => {
      this.#usedAt = performance.now();
      onUrgent();
    };
    const load = (): SharedDeployment["admission"] => deployment.admission;
    this.allowance = new SharedAllowance({ alone: alone.allowance, load, workers, onUrgent: onUse });
    this.health = new SharedHealth(alone.health, onUse);
  }

  get hasLeft(): boolean {
    return this.#hasLeft;
  }

  /** Gives back what it holds, with the next beat. */
  leave(): void {
    this.#hasLeft = true;
  }

  isDue(now: number): boolean {
    return this.#hasLeft || now - this.#usedAt < restsAfterMs || now - this.#toldAt >= restMs;
  }

  tell(now: number): Told {
    this.#toldAt = now;
    const told = { leaving: this.#hasLeft ? 1 : 0, ...this.allowance.tell(), ...this.health.tell() };
    if (told.want > 0 || told.peak > 0 || told.asked > 0) this.#usedAt = now;
    return told;
  }

  hear(heard: Heard, toldAt: number): void {
    if (this.#hasLeft) return;
    this.#heardAt = toldAt;
    this.allowance.hear(heard, toldAt);
    this.health.hear(heard);
    this.#deployment.admission.admitWaiting();
  }

  /** Until it counts as dead elsewhere it keeps to what it heard last. */
  heardNothing(): void {
    if (this.#hasLeft || performance.now() - this.#heardAt < aloneAfterMs) return;
    this.allowance.decideAlone();
    this.health.decideAlone();
    this.#deployment.admission.admitWaiting();
  }
}
