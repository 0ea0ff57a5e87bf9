import { DheeraError } from "../errors.ts";

/** A batch that waits for admission by any of several controllers. */
interface Waiter {
  readonly documents: number;
  /** Start tag of fair queueing: the smallest goes first. */
  readonly tags: Map<AdmissionController, number>;
  admit(controller: AdmissionController): void;
}

/** What one request has waiting at a controller. */
interface Flow {
  readonly waiters: Waiter[];
  /** Virtual time at which this request's next batch may start. */
  next: number;
  documents: number;
}

export interface AdmissionOptions {
  /** Batches of one flow share its turns; one request is one flow. */
  readonly flow: object;
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch after which admission is of no use. */
  readonly deadline: number;
}

/** Documents by which the allowance grows for each full allowance that succeeded. */
const increase = 16;
const decrease = 0.5;
/** Calls that must have ended before the rate is used. */
const fewestForRate = 8;

/**
 * Admission to one deployment, counted in documents in flight. Lowers its allowance when the server says it is
 * overloaded (multiplicative decrease), raises it again with success (additive increase), and admits batches fairly
 * between requests (start-time fair queueing by documents), so that a big request cannot starve small ones.
 */
export class AdmissionController {
  readonly #maxQueued: number;
  readonly #maxCalls: number;
  readonly #flows = new Map<object, Flow>();
  #limit = Infinity;
  #allowed = Infinity;
  #inFlight = 0;
  #calls = 0;
  #queued = 0;
  #virtualTime = 0;
  #lastDecrease = 0;
  /**
   * Since when the queue has not been empty, and what was served since: only under a queue does the server work as fast
   * as it can.
   */
  #waitingSince = 0;
  #callsSince = 0;
  #documentsSince = 0;
  /** Documents a millisecond as last measured; 0 before. */
  #rate = 0;

  constructor(maxQueuedDocuments: number, maxCalls: number = Infinity) {
    this.#maxQueued = maxQueuedDocuments;
    this.#maxCalls = maxCalls;
  }

  get documentsInFlight(): number {
    return this.#inFlight;
  }

  get documentsQueued(): number {
    return this.#queued;
  }

  get documentsAllowed(): number {
    return this.#allowed;
  }

  /** The server's own limit; a lowered allowance stays lowered. */
  setLimit(documents: number): void {
    if (documents === this.#limit) return;
    this.#allowed = this.#allowed === this.#limit ? documents : Math.min(this.#allowed, documents);
    this.#limit = documents;
    this.admitWaiting();
  }

  /** Admits the documents at once if there is room and no other batch waits. */
  tryAdmit(documents: number): boolean {
    if (this.#queued > 0 || !this.#hasRoom(documents)) return false;
    this.#take(documents);
    return true;
  }

  /** The documents of a call are no longer in flight. */
  release(documents: number, succeeded: boolean): void {
    this.#inFlight -= documents;
    this.#calls--;
    if (succeeded) {
      if (this.#allowed < this.#limit)
        this.#allowed = Math.min(this.#limit, this.#allowed + increase * Math.min(1, documents / this.#allowed));
      this.#measure(documents);
    }
    this.admitWaiting();
  }

  /**
   * The server refused a call begun at `startedAt` because it is overloaded. One overload lowers the allowance once,
   * however many calls it hits.
   */
  congested(startedAt: number, now: number = Date.now()): void {
    if (startedAt < this.#lastDecrease) return;
    this.#lastDecrease = now;
    const base = Number.isFinite(this.#allowed)
      ? Math.min(this.#allowed, Math.max(this.#inFlight, 1))
      : Math.max(this.#inFlight, 1);
    this.#allowed = Math.max(1, Math.floor(base * decrease));
  }

  /**
   * Milliseconds until a new batch of this flow would be admitted, judged by recent speed; 0 when no speed is known.
   */
  expectedWait(flow: object, documents: number): number {
    if (this.#queued === 0 || this.#rate === 0) return 0;
    const mine = (this.#flows.get(flow)?.documents ?? 0) + documents;
    let ahead = 0;
    // Fair queueing serves no other flow more than this one while both wait.
    for (const [other, { documents: theirs }] of this.#flows) ahead += other === flow ? theirs : Math.min(theirs, mine);
    return ahead / this.#rate;
  }

  /** @internal Whether the queue has room. */
  canQueue(documents: number): boolean {
    return this.#queued + documents <= this.#maxQueued;
  }

  /** @internal */
  enqueue(waiter: Waiter, key: object): void {
    if (this.#queued === 0) {
      this.#waitingSince = Date.now();
      this.#callsSince = 0;
      this.#documentsSince = 0;
    }
    const flow = this.#flows.get(key) ?? { waiters: [], next: this.#virtualTime, documents: 0 };
    const tag = Math.max(this.#virtualTime, flow.next);
    this.#flows.set(key, flow);
    waiter.tags.set(this, tag);
    flow.waiters.push(waiter);
    flow.next = tag + waiter.documents;
    flow.documents += waiter.documents;
    this.#queued += waiter.documents;
  }

  /** @internal The waiter was admitted by another controller or gave up. */
  dequeue(waiter: Waiter, key: object): void {
    const flow = this.#flows.get(key);
    if (!flow) return;
    flow.documents -= waiter.documents;
    this.#queued -= waiter.documents;
    const position = flow.waiters.indexOf(waiter);
    if (position >= 0) flow.waiters.splice(position, 1);
    if (flow.waiters.length === 0) this.#flows.delete(key);
  }

  #measure(documents: number): void {
    if (this.#queued === 0) return;
    this.#callsSince++;
    this.#documentsSince += documents;
    if (this.#callsSince >= fewestForRate)
      this.#rate = this.#documentsSince / Math.max(1, Date.now() - this.#waitingSince);
  }

  #hasRoom(documents: number): boolean {
    if (this.#calls >= this.#maxCalls) return false;
    // A batch larger than a lowered allowance still goes alone: otherwise it would wait for ever.
    return this.#inFlight === 0 || this.#inFlight + documents <= this.#allowed;
  }

  #take(documents: number): void {
    this.#inFlight += documents;
    this.#calls++;
  }

  /** @internal Admits the next waiters while there is room. */
  admitWaiting(): void {
    for (let waiter = this.#next(); waiter && this.#hasRoom(waiter.documents); waiter = this.#next()) {
      this.#virtualTime = waiter.tags.get(this) ?? this.#virtualTime;
      this.#take(waiter.documents);
      waiter.admit(this);
    }
  }

  /** The waiter with the smallest start tag. */
  #next(): Waiter | undefined {
    let first: Waiter | undefined;
    let smallest = Infinity;
    for (const { waiters } of this.#flows.values()) {
      const [waiter] = waiters;
      const tag = waiter?.tags.get(this) ?? Infinity;
      if (waiter && tag < smallest) {
        first = waiter;
        smallest = tag;
      }
    }
    return first;
  }
}

/**
 * Waits for admission by any of the controllers; the first in the list is preferred when several have room.
 * @returns the controller that admitted the documents.
 * @throws DheeraError `provider_overloaded` with Retry-After when the queues are full or the deadline cannot be met;
 * the signal's reason when it aborts.
 */
export async function waitForAdmission(
  controllers: readonly AdmissionController[],
  documents: number,
  { flow, signal, deadline }: AdmissionOptions,
): Promise<AdmissionController> {
  if (signal.aborted) throw signal.reason;
  for (const controller of controllers) if (controller.tryAdmit(documents)) return controller;

  const wait =
    Math.min(...controllers.map((controller) => controller.expectedWait(flow, documents))) / controllers.length;
  if (Date.now() + wait > deadline) throw overloaded("the deadline cannot be met", wait / 1000);
  const open = controllers.filter((controller) => controller.canQueue(documents));
  if (open.length === 0) throw overloaded("too many documents are waiting", Math.max(1, wait / 1000));

  return new Promise((resolve, reject) => {
    const waiter: Waiter = {
      documents,
      tags: new Map(),
      admit: (controller) => settle(() => resolve(controller), controller),
    };
    const onAbort = (): void => settle(() => reject(signal.reason));
    const settle = (finish: () => void, admittedBy?: AdmissionController): void => {
      signal.removeEventListener("abort", onAbort);
      for (const controller of open) controller.dequeue(waiter, flow);
      finish();
      // A big batch that no longer waits may have kept others from being admitted.
      for (const controller of open) if (controller !== admittedBy) controller.admitWaiting();
    };
    for (const controller of open) controller.enqueue(waiter, flow);
    signal.addEventListener("abort", onAbort, { once: true });
  });
}

function overloaded(why: string, seconds: number): DheeraError {
  return new DheeraError(
    "provider_overloaded",
    `every deployment of this model is busy: ${why}; try again later or send fewer documents`,
    { retryAfter: Math.max(1, Math.ceil(seconds)) },
  );
}

/** Calls that a deployment may get in one minute of the clock: its `rpm`. */
export class MinuteBudget {
  readonly #most: number;
  #minute = 0;
  #used = 0;

  constructor(most: number = Infinity) {
    this.#most = most;
  }

  isOpen(now?: number): boolean {
    return this.#most === Infinity || minuteOf(now ?? Date.now()) !== this.#minute || this.#used < this.#most;
  }

  use(now: number): void {
    if (this.#most === Infinity) return;
    const minute = minuteOf(now);
    this.#used = minute === this.#minute ? this.#used + 1 : 1;
    this.#minute = minute;
  }
}

/** Every deployment has used its calls of this minute. Another model may still serve. */
export function noBudget(now: number = Date.now()): DheeraError {
  const retryAfter = 60 - (Math.floor(now / 1000) % 60);
  return new DheeraError("rate_limited", "every deployment of this model has used its calls of this minute", {
    retryAfter,
    retryable: true,
  });
}

function minuteOf(milliseconds: number): number {
  return Math.floor(milliseconds / 60_000);
}
