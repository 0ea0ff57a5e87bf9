import { randomUUID } from "node:crypto";

import type { Deciders, DeploymentAllowance, SharedDeployment } from "@dheera-ai/core";

import { type Heard, type Told, nothingTold } from "./permits-script.ts";
import { callsKey, serverKey } from "./server-key.ts";
import { SharedAllowance } from "./shared-allowance.ts";
import { SharedCalls } from "./shared-calls.ts";
import { SharedHealth } from "./shared-health.ts";
import type { SharedMinutes } from "./shared-minutes.ts";
import { aloneAfterMs, restMs } from "./times.ts";

export interface MemberOptions {
  readonly deployment: SharedDeployment;
  /** What decides while nobody is heard. */
  readonly alone: Deciders;
  /** Workers of this proxy, among which limits were divided already. */
  readonly workers: number;
  /** Undefined where any number of calls a minute may be made. */
  readonly minutes: SharedMinutes | undefined;
  readonly onUrgent: () => void;
}

/** What a member tells of one thing that is shared. */
export interface Row {
  readonly key: string;
  readonly told: Told;
}

/** Milliseconds without use after which it tells less often. */
const restsAfterMs = 10_000;

/** One deployment of this process among those that share its server. */
export class Member {
  readonly id: string = randomUUID();
  readonly health: SharedHealth;
  readonly #allowance: SharedAllowance;
  /** Undefined where any number may be in flight. */
  readonly #calls: SharedCalls | undefined;
  readonly #minutes: SharedMinutes | undefined;
  readonly #deployment: SharedDeployment;
  readonly #serverKey: string;
  readonly #callsKey: string;
  #hasLeft = false;
  /** By `performance.now()`. */
  #usedAt = -Infinity;
  #toldAt = -Infinity;
  /** When what was answered last was told; it has not been heard of before. */
  #heardAt = -Infinity;

  constructor({ deployment, alone, workers, minutes, onUrgent }: MemberOptions) {
    this.#deployment = deployment;
    this.#minutes = minutes;
    this.#serverKey = serverKey(deployment);
    this.#callsKey = callsKey(deployment);
    const onUse = (): void => {
      this.#usedAt = performance.now();
      onUrgent();
    };
    const load = (): SharedDeployment["admission"] => deployment.admission;
    const { max_parallel_requests: calls } = deployment.params;
    this.#allowance = new SharedAllowance({ alone: alone.allowance, load, workers, onUrgent: onUse });
    this.#calls = calls === undefined ? undefined : new SharedCalls({ limit: calls * workers, load });
    this.health = new SharedHealth(alone.health, onUse);
  }

  get allowance(): DeploymentAllowance {
    const [allowance, calls, minutes] = [this.#allowance, this.#calls, this.#minutes];
    if (!calls && !minutes) return allowance;
    return {
      get documents() {
        return allowance.documents;
      },
      get documentsPerCall() {
        return allowance.documentsPerCall;
      },
      get calls() {
        return calls?.calls ?? Infinity;
      },
      get callsLeft() {
        return minutes?.callsLeft() ?? Infinity;
      },
      setLimit: (documents) => allowance.setLimit(documents),
      refused: (call, why, now) => allowance.refused(call, why, now),
      succeeded: (call) => allowance.succeeded(call),
    };
  }

  /** Whether others are to give back what it would get. */
  get isOwed(): boolean {
    return this.#allowance.isOwed;
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

  tell(now: number): readonly Row[] {
    this.#toldAt = now;
    const leaving = this.#hasLeft ? 1 : 0;
    const server: Told = { ...nothingTold, ...this.#allowance.tell(), ...this.health.tell(), leaving };
    if (server.want > 0 || server.spare > 0 || server.peak > 0 || server.asked > 0) this.#usedAt = now;
    const rows = [{ key: this.#serverKey, told: server }];
    if (this.#calls) rows.push({ key: this.#callsKey, told: { ...this.#calls.tell(), leaving } });
    return rows;
  }

  /** @param answers to each row that it told at that time */
  hear([server, calls]: readonly Heard[], toldAt: number): void {
    if (this.#hasLeft || !server) return;
    this.#heardAt = toldAt;
    this.#allowance.hear(server, toldAt);
    this.health.hear(server);
    if (calls) this.#calls?.hear(calls);
    this.#deployment.admission.admitWaiting();
  }

  /** Until it counts as dead elsewhere it keeps to what it heard last. */
  heardNothing(): void {
    if (this.#hasLeft) return;
    this.#allowance.heardNothing();
    this.health.heardNothing();
    if (performance.now() - this.#heardAt < aloneAfterMs) return;
    this.#allowance.decideAlone();
    this.#calls?.decideAlone();
    this.health.decideAlone();
    this.#deployment.admission.admitWaiting();
  }
}
