import { DheeraError } from "@dheera-ai/core";

import type { GeneralSettings } from "../../config/config.ts";
import type { Caller } from "../caller.ts";

/** The bodies of requests under way, in this process. */
export interface Bodies {
  /** @param signal aborts when the client goes away; asked for only when a body has to wait */
  room(caller: Caller, signal: () => AbortSignal): BodyRoom;
}

/** @param budget outlives a configuration */
export function createBodies(settings: GeneralSettings, budget: BodyBudget): Bodies {
  const limits: BodyLimits = {
    bytes: settings.max_request_memory_mb * 1_000_000,
    // Nobody else can wait behind the only caller.
    share: settings.keys.length === 0 && settings.database_url === undefined ? 1 : 1 / 2,
  };
  return { room: ({ id }, signal) => budget.room(id, limits, signal) };
}

/** Bytes of bodies that a process may hold. */
export interface BodyLimits {
  /** All bodies together. */
  readonly bytes: number;
  /** The part of it that the bodies of one key may take, above 0 and at most 1. */
  readonly share: number;
}

/**
 * The memory that bodies under way may take, from before the first byte is read until the request is answered. A body
 * that does not fit waits unread in its connection. Keys take turns, a key never holds more than its share while it holds
 * anything, and a quarter is kept for small bodies, so that these do not wait behind large ones.
 */
export class BodyBudget {
  readonly small: BodyLane = new BodyLane(this);
  readonly large: BodyLane = new BodyLane(this);

  /** @param signal aborts when the client goes away; asked for only when a body has to wait */
  room(name: string, limits: BodyLimits, signal: () => AbortSignal): BodyRoom {
    return new BodyRoom(this, name, limits, signal);
  }

  /** Whether all bodies together leave room for these bytes. A body larger than everything goes alone. */
  fits(lane: BodyLane, bytes: number, limits: BodyLimits): boolean {
    const reserve = limits.bytes * smallReserve;
    if (lane === this.large) return lane.bytes === 0 || lane.bytes + bytes <= limits.bytes - reserve;
    return lane.bytes + bytes <= Math.max(reserve, limits.bytes - this.large.bytes);
  }

  /** Whether a key's own part leaves room for these bytes, once it holds `own`. */
  fitsShare(lane: BodyLane, own: number, bytes: number, limits: BodyLimits): boolean {
    if (own === 0) return true;
    const reserve = limits.bytes * smallReserve;
    const most = lane === this.large ? limits.bytes - reserve : Math.max(reserve, limits.bytes - this.large.bytes);
    return own + bytes <= most * limits.share;
  }

  /** After bytes came free. */
  admitWaiting(): void {
    this.small.admitWaiting();
    this.large.admitWaiting();
  }
}

/** The bytes that one request holds for its body. */
export class BodyRoom {
  readonly #budget: BodyBudget;
  readonly #name: string;
  readonly #limits: BodyLimits;
  readonly #signal: () => AbortSignal;
  #lane: BodyLane;
  #bytes = 0;
  /** Aborts when the request has been answered; only for a body that had to wait. */
  #left: AbortController | undefined;

  constructor(budget: BodyBudget, name: string, limits: BodyLimits, signal: () => AbortSignal) {
    this.#budget = budget;
    this.#name = name;
    this.#limits = limits;
    this.#signal = signal;
    this.#lane = budget.small;
  }

  /**
   * To be called before a body of this length is read, and once more when a body without an announced length has
   * outgrown `smallBody`. Nothing is to be waited for where there is room.
   * @throws DheeraError `rate_limited` when the wait is too long, `cancelled` when the client goes away
   */
  take(bytes: number): Promise<void> | undefined {
    const lane = bytes <= smallBody ? this.#budget.small : this.#budget.large;
    if (lane.mayEnter(this.#name, bytes, this.#limits)) return this.#hold(lane, bytes);
    // A request may end before its body is let in, and would never give back what that took.
    this.#left ??= new AbortController();
    const signal = AbortSignal.any([this.#signal(), this.#left.signal]);
    return lane.wait(this.#name, bytes, this.#limits, signal, () => this.#hold(lane, bytes));
  }

  /**
   * The body takes more memory than its bytes: it holds many values. Nothing is waited for, because a body that has been
   * read holds memory while it waits, and two could wait for each other.
   * @throws DheeraError `rate_limited` when there is no room
   */
  grow(bytes: number): void {
    if (bytes <= this.#bytes) return;
    const held = this.#bytes;
    const [before, lane] = [this.#lane, bytes <= smallBody ? this.#budget.small : this.#budget.large];
    before.add(this.#name, -held);
    const isRoom = lane.hasRoom(this.#name, bytes, this.#limits);
    before.add(this.#name, held);
    if (!isRoom) throw noRoom(this.#limits);
    this.#hold(lane, bytes);
    // It may have left room among the small ones.
    this.#budget.admitWaiting();
  }

  /** The body is shorter than what was taken for it. */
  shrink(bytes: number): void {
    if (bytes >= this.#bytes) return;
    this.#lane.add(this.#name, bytes - this.#bytes);
    this.#bytes = bytes;
    this.#budget.admitWaiting();
  }

  /** The request has been answered. */
  leave(): void {
    this.#left?.abort();
    if (this.#bytes > 0) this.shrink(0);
  }

  /** What was held before is part of it. */
  #hold(lane: BodyLane, bytes: number): undefined {
    if (this.#bytes > 0) this.#lane.add(this.#name, -this.#bytes);
    this.#lane = lane;
    this.#bytes = bytes;
    lane.add(this.#name, bytes);
  }
}

/** A body of at most this many bytes is small; one without an announced length is, until it has more. */
export const smallBody = 65_536;

/** The part of the budget that only small bodies take. */
const smallReserve = 1 / 4;

/** Milliseconds that a body waits for room at most. */
const longestWaitMs = 30_000;

/** Bodies that wait; each holds a connection. A key may have half of them. */
const mostWaiting = 1_000;

interface Waiting {
  readonly bytes: number;
  readonly limits: BodyLimits;
  readonly admit: () => void;
}

/** Bodies of one size class: what each key holds, and the queues of the keys, served in turn. */
class BodyLane {
  readonly #budget: BodyBudget;
  readonly #held = new Map<string, number>();
  /** In the order of their turns. */
  readonly #queues = new Map<string, Set<Waiting>>();
  #waiting = 0;
  #bytes = 0;

  constructor(budget: BodyBudget) {
    this.#budget = budget;
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(name: string, bytes: number): void {
    this.#bytes += bytes;
    const own = (this.#held.get(name) ?? 0) + bytes;
    if (own === 0) this.#held.delete(name);
    else this.#held.set(name, own);
  }

  /** Whether a body may be read now. It never overtakes those that wait. */
  mayEnter(name: string, bytes: number, limits: BodyLimits): boolean {
    return this.#waiting === 0 && this.hasRoom(name, bytes, limits);
  }

  hasRoom(name: string, bytes: number, limits: BodyLimits): boolean {
    return (
      this.#budget.fits(this, bytes, limits) && this.#budget.fitsShare(this, this.#held.get(name) ?? 0, bytes, limits)
    );
  }

  wait(name: string, bytes: number, limits: BodyLimits, signal: AbortSignal, hold: () => void): Promise<void> {
    const queue = this.#queues.get(name) ?? new Set<Waiting>();
    if (this.#waiting >= mostWaiting || queue.size >= mostWaiting / 2) return Promise.reject(noRoom(limits));
    if (signal.aborted) return Promise.reject(goneAway());
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", onAbort);
        queue.delete(waiting);
        if (queue.size === 0) this.#queues.delete(name);
        this.#waiting--;
      };
      const giveUp = (reason: DheeraError): void => {
        end();
        reject(reason);
        this.#budget.admitWaiting();
      };
      const onAbort = (): void => giveUp(goneAway());
      const waiting: Waiting = {
        bytes,
        limits,
        admit: () => {
          end();
          hold();
          resolve();
        },
      };
      const timer = setTimeout(() => giveUp(noRoom(limits)), longestWaitMs);
      signal.addEventListener("abort", onAbort);
      queue.add(waiting);
      this.#queues.set(name, queue);
      this.#waiting++;
      this.admitWaiting();
    });
  }

  /**
   * Lets in what fits, a body of each key in turn. A key that has its share is passed over; what waits for the others'
   * room is not overtaken, because a large body would otherwise wait for ever behind smaller ones.
   */
  admitWaiting(): void {
    // A key that had its turn goes to the end, where this loop finds it again.
    for (const [name, queue] of this.#queues) {
      const [first] = queue;
      if (!first || !this.#budget.fitsShare(this, this.#held.get(name) ?? 0, first.bytes, first.limits)) continue;
      if (!this.#budget.fits(this, first.bytes, first.limits)) return;
      this.#queues.delete(name);
      this.#queues.set(name, queue);
      first.admit();
    }
  }
}

function goneAway(): DheeraError {
  return new DheeraError("cancelled", "the client went away before its body was read");
}

function noRoom({ bytes }: BodyLimits): DheeraError {
  return new DheeraError(
    "rate_limited",
    `the bodies of requests under way take the ${bytes / 1_000_000} MB allowed (general_settings.max_request_memory_mb); try again soon, with fewer or smaller requests at a time`,
    { retryAfter: 5 },
  );
}
