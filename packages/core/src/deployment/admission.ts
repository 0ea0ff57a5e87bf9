import { DheeraError } from "../errors.ts";
import { Allowance } from "./allowance.ts";
import { FairQueue, type Flow } from "./fair-queue.ts";
import type { DeploymentAllowance, DeploymentBudget } from "./sharing.ts";
import { TenantWindow } from "./tenant-window.ts";

/** A flow that may be in the background, which gets what nobody else wants. */
export interface AdmissionFlow extends Flow {
  /** Absent where others have to wait for it as it has to wait for them. */
  readonly background?: Background | undefined;
}

/** A piece of background work; what knows how it waits is loaded when the first comes. */
export interface Background {
  /** Who came to wait for it and is not in the background: from then on it goes as theirs. */
  readonly raisedBy: AdmissionFlow | undefined;
  raise(flow: AdmissionFlow): void;
  /** Work of the same request that others may come to wait for. */
  part(): Background;
  /** Resolves when a step of background work may be done in this process. */
  turn(): Promise<void>;
  /** Documents that one of its calls should hold. */
  documentsPerCall(controller: AdmissionController): number;
  tryAdmit(controller: AdmissionController, documents: number): boolean;
  /** Resolves to nothing when it has been raised. */
  waitForAdmission(
    controllers: readonly AdmissionController[],
    documents: number,
    options: AdmissionOptions,
  ): Promise<AdmissionController | undefined>;
}

/** What waits and runs in the background at one deployment. */
export interface BackgroundQueue {
  /** Others are here, or have been lately. */
  readonly isProtecting: boolean;
  readonly documentsInFlight: number;
  readonly documentsQueued: number;
  /** Documents of anybody are no longer in flight. */
  ended(documents: number, flow: AdmissionFlow, milliseconds: number | undefined): void;
  /** Admits what may go, when nobody else waits. */
  admitWaiting(): void;
}

/** Whose turn it is: that of who waits for work in the background, where somebody does. */
export function flowNow(flow: AdmissionFlow): AdmissionFlow {
  return flow.background?.raisedBy ?? flow;
}

/** A batch of background work that is larger than what its calls should hold by so many times is divided again. */
const timesPerCall = 2;

/** Documents beyond which a batch that can be divided has to be. */
export function mostPerCall(controller: AdmissionController, { background }: AdmissionFlow): number {
  const { documents } = controller.allowance;
  return background ? Math.min(documents, timesPerCall * background.documentsPerCall(controller)) : documents;
}

/** A batch that waits for admission by any of several controllers. */
interface Waiter {
  readonly documents: number;
  readonly flow: Flow;
  readonly divisible: boolean;
  admit(controller: AdmissionController): void;
}

/** What a tenant has in flight. */
interface TenantLoad {
  documents: number;
}

export interface AdmissionOptions {
  /** Whose documents they are; one request is one flow. */
  readonly flow: AdmissionFlow;
  /** Documents of the same request that will follow: it is of no use without them. Default none. */
  readonly toCome?: number;
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch after which admission is of no use. */
  readonly deadline: number;
  /** Whether a batch that is larger than the allowance can be sent in parts; else it goes alone. */
  readonly divisible: boolean;
}

/** Tenants that are remembered before those that have nothing in flight are forgotten. */
const fewestLoads = 1_000;
/** Calls that must have ended before the rate is used. */
const fewestForRate = 8;

/**
 * Admission to one deployment, counted in documents in flight, which its allowance bounds. Admits batches fairly between
 * tenants and between the requests of each, so that neither many requests nor a big one starve others.
 */
export class AdmissionController {
  readonly allowance: DeploymentAllowance;
  /** @internal Present once something came in the background. */
  background?: BackgroundQueue;
  /** @internal */
  readonly maxQueued: number;
  readonly #maxCalls: number;
  readonly #queue = new FairQueue<Waiter>();
  readonly #window = new TenantWindow();
  readonly #loads = new Map<string, TenantLoad>();
  #mostLoads = fewestLoads;
  #inFlight = 0;
  #calls = 0;
  /** Of them those that are admitted and have not begun. */
  #toBegin = 0;
  /**
   * Since when the queue has not been empty, and what was served since: only under a queue does the server work as fast
   * as it can.
   */
  #waitingSince = 0;
  #callsSince = 0;
  #documentsSince = 0;
  /** Documents a millisecond as last measured; 0 before. */
  #rate = 0;

  constructor(
    maxQueuedDocuments: number,
    maxCalls: number = Infinity,
    allowance: DeploymentAllowance = new Allowance(),
  ) {
    this.allowance = allowance;
    this.maxQueued = maxQueuedDocuments;
    this.#maxCalls = maxCalls;
  }

  get documentsInFlight(): number {
    return this.#inFlight;
  }

  get callsInFlight(): number {
    return this.#calls;
  }

  /** Those in the background are not counted: they are in nobody's way. */
  get documentsQueued(): number {
    return this.#queue.documents;
  }

  /** The server's own limit; a lowered allowance stays lowered. */
  setLimit(documents: number): void {
    this.allowance.setLimit(documents);
    this.admitWaiting();
  }

  /** Admits the documents at once if there is room and no other batch waits. */
  tryAdmit(documents: number, flow: AdmissionFlow): boolean {
    if (flow.background) return flow.background.tryAdmit(this, documents);
    if (this.#queue.documents > 0 || !this.hasRoom(documents, false)) return false;
    const load = this.#loadOf(flow.tenant);
    if (!this.#window.allows(documents, load.documents, flow.tenantWeight)) return false;
    this.take(documents, load);
    return true;
  }

  /**
   * The documents of a call are no longer in flight.
   * @param milliseconds that it took, where it succeeded
   */
  release(documents: number, flow: AdmissionFlow, milliseconds?: number): void {
    this.#inFlight -= documents;
    this.#calls--;
    this.background?.ended(documents, flow, milliseconds);
    if (milliseconds !== undefined) this.#measure(documents);
    if (!flow.background) this.#released(documents, flow.tenant, milliseconds);
    this.admitWaiting();
  }

  /** @internal A call that was admitted begins, or is not made after all. */
  begins(): void {
    this.#toBegin--;
  }

  #released(documents: number, tenant: string, milliseconds: number | undefined): void {
    const load = this.#loadOf(tenant);
    load.documents -= documents;
    if (milliseconds === undefined || load.documents > 0 || this.#queue.documentsOf(tenant) > 0) return;
    this.#window.measured(documents, milliseconds, this.#inFlight === (this.background?.documentsInFlight ?? 0));
  }

  /**
   * Milliseconds until a new batch of this flow would be admitted, judged by recent speed; 0 when no speed is known.
   */
  expectedWait(flow: Flow, documents: number): number {
    if (this.#queue.documents === 0 || this.#rate === 0) return 0;
    return this.#queue.documentsBefore(flow, documents) / this.#rate;
  }

  /** @internal Whether the queue has room: a tenant that fills it is refused, and no other. */
  canQueue(documents: number, { tenant }: Flow): boolean {
    return this.#queue.documentsOf(tenant) + documents <= this.#queue.shareOf(tenant, this.maxQueued);
  }

  /** @internal */
  enqueue(waiter: Waiter): void {
    if (this.#queue.documents === 0) {
      this.#waitingSince = performance.now();
      this.#callsSince = 0;
      this.#documentsSince = 0;
    }
    this.#queue.add(waiter, waiter.flow);
  }

  /** @internal The waiter was admitted by another controller or gave up. */
  dequeue(waiter: Waiter): void {
    this.#queue.remove(waiter, waiter.flow);
  }

  #measure(documents: number): void {
    if (this.#queue.documents === 0) return;
    this.#callsSince++;
    this.#documentsSince += documents;
    if (this.#callsSince >= fewestForRate)
      this.#rate = this.#documentsSince / Math.max(1, performance.now() - this.#waitingSince);
  }

  /** @internal @param spareCalls that others may want to send, unless nothing is in flight */
  hasRoom(documents: number, divisible: boolean, spareCalls = 0): boolean {
    const mostCalls = Math.min(this.#maxCalls, this.allowance.calls ?? Infinity);
    if (this.#toBegin >= (this.allowance.callsLeft ?? Infinity)) return false;
    if (this.#calls > 0 && this.#calls + spareCalls >= mostCalls) return false;
    const allowed = this.allowance.documents;
    // A batch larger than a lowered allowance need not wait to be divided, and goes alone where it cannot be: otherwise
    // it would wait for ever.
    return this.#inFlight === 0 || this.#inFlight + documents <= allowed || (divisible && documents > allowed);
  }

  /** @internal */
  take(documents: number, load?: TenantLoad): void {
    this.#inFlight += documents;
    this.#calls++;
    this.#toBegin++;
    if (load) load.documents += documents;
  }

  #loadOf(tenant: string): TenantLoad {
    const known = this.#loads.get(tenant);
    if (known) return known;
    if (this.#loads.size >= this.#mostLoads) {
      for (const [name, { documents }] of this.#loads) if (documents === 0) this.#loads.delete(name);
      this.#mostLoads = Math.max(fewestLoads, 2 * this.#loads.size);
    }
    const load: TenantLoad = { documents: 0 };
    this.#loads.set(tenant, load);
    return load;
  }

  /** @internal Admits the next waiters while there is room. */
  admitWaiting(): void {
    if (this.#queue.documents > 0) this.#admitWaiters();
    this.background?.admitWaiting();
  }

  #admitWaiters(): void {
    const mayGo = ({ documents, flow }: Waiter): boolean =>
      this.#window.allows(documents, this.#loadOf(flow.tenant).documents, flow.tenantWeight);
    for (
      let waiter = this.#queue.next(mayGo);
      waiter && this.hasRoom(waiter.documents, waiter.divisible);
      waiter = this.#queue.next(mayGo)
    ) {
      this.#queue.serve(waiter, waiter.flow);
      this.take(waiter.documents, this.#loadOf(waiter.flow.tenant));
      waiter.admit(this);
    }
  }
}

/**
 * Waits for admission by any of the controllers; the first in the list is preferred when several have room.
 * @returns the controller that admitted the documents; nothing when work in the background was raised meanwhile.
 * @throws DheeraError `provider_overloaded` with Retry-After when the queues are full or the deadline cannot be met;
 * the signal's reason when it aborts.
 */
export async function waitForAdmission(
  controllers: readonly AdmissionController[],
  documents: number,
  options: AdmissionOptions,
): Promise<AdmissionController | undefined> {
  const { flow, signal, deadline, divisible, toCome = 0 } = options;
  if (signal.aborted) throw signal.reason;
  for (const controller of controllers) if (controller.tryAdmit(documents, flow)) return controller;
  if (flow.background) return flow.background.waitForAdmission(controllers, documents, options);

  const wait =
    Math.min(...controllers.map((controller) => controller.expectedWait(flow, documents + toCome))) /
    controllers.length;
  if (performance.now() + wait > deadline) throw overloaded("the deadline cannot be met", wait / 1000);
  const open = controllers.filter((controller) => controller.canQueue(documents, flow));
  if (open.length === 0) throw overloaded("too many documents are waiting", Math.max(1, wait / 1000));

  return new Promise((resolve, reject) => {
    const waiter: Waiter = {
      documents,
      flow,
      divisible,
      admit: (controller) => settle(() => resolve(controller), controller),
    };
    const onAbort = (): void => settle(() => reject(signal.reason));
    let isSettled = false;
    const settle = (finish: () => void, admittedBy?: AdmissionController): void => {
      isSettled = true;
      signal.removeEventListener("abort", onAbort);
      for (const controller of open) controller.dequeue(waiter);
      finish();
      // A big batch that no longer waits may have kept others from being admitted.
      for (const controller of open) if (controller !== admittedBy) controller.admitWaiting();
    };
    signal.addEventListener("abort", onAbort, { once: true });
    for (const controller of open) controller.enqueue(waiter);
    // Those that wait may wait for what this one need not wait for.
    for (const controller of open) if (!isSettled) controller.admitWaiting();
  });
}

/** @internal */
export function overloaded(why: string, seconds: number): DheeraError {
  return new DheeraError(
    "provider_overloaded",
    `every deployment of this model is busy: ${why}; try again later or send fewer documents`,
    { retryAfter: Math.max(1, Math.ceil(seconds)) },
  );
}

/** Calls that a deployment may get in one minute of the clock: its `rpm`. */
export class MinuteBudget implements DeploymentBudget {
  readonly #most: number;
  #minute = 0;
  #used = 0;
  /** Of them those of others than background work, and how many they were in the minute before. */
  #others = 0;
  #othersBefore = 0;

  constructor(most: number = Infinity) {
    this.#most = most;
  }

  /** Work in the background leaves others as many calls as they had in the minute before. */
  isOpen(background?: Background): boolean {
    if (this.#most === Infinity) return true;
    this.#begin(performance.now());
    return this.#used + (background ? Math.max(0, this.#othersBefore - this.#others) : 0) < this.#most;
  }

  secondsLeft(now: number = performance.now()): number {
    return 60 - (Math.floor(now / 1000) % 60);
  }

  use(now: number, background?: Background): void {
    if (this.#most === Infinity) return;
    this.#begin(now);
    this.#used++;
    if (!background) this.#others++;
  }

  #begin(now: number): void {
    const minute = minuteOf(now);
    if (minute === this.#minute) return;
    this.#othersBefore = minute === this.#minute + 1 ? this.#others : 0;
    this.#others = this.#used = 0;
    this.#minute = minute;
  }
}

/** Every deployment has used its calls of this minute. Another model may still serve. */
export function noBudget(deployments: readonly { readonly budget: DeploymentBudget }[]): DheeraError {
  const retryAfter = Math.min(60, ...deployments.map(({ budget }) => budget.secondsLeft()));
  return new DheeraError("rate_limited", "every deployment of this model has used its calls of this minute", {
    retryAfter,
    retryable: true,
  });
}

function minuteOf(milliseconds: number): number {
  return Math.floor(milliseconds / 60_000);
}
