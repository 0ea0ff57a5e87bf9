import type { AdmissionController, AdmissionFlow, BackgroundQueue } from "../deployment/admission.ts";
import { FairQueue } from "../deployment/fair-queue.ts";
import { BackgroundWindow, type SentCall } from "./background-window.ts";
import { othersAreHere } from "./turns.ts";

/** A batch that waits for what nobody else wants, at any of several deployments. */
export interface BackgroundWaiter {
  readonly documents: number;
  readonly flow: AdmissionFlow;
  admit(controller: AdmissionController): void;
}

const lanes = new WeakMap<AdmissionController, BackgroundLane>();

/** What waits and runs in the background at one deployment. */
export class BackgroundLane implements BackgroundQueue {
  readonly #controller: AdmissionController;
  readonly #queue = new FairQueue<BackgroundWaiter>();
  readonly #window = new BackgroundWindow();
  readonly #sent = new SentCalls();
  #inFlight = 0;

  constructor(controller: AdmissionController) {
    this.#controller = controller;
  }

  static of(controller: AdmissionController): BackgroundLane {
    let lane = lanes.get(controller);
    if (!lane) {
      lanes.set(controller, (lane = new BackgroundLane(controller)));
      controller.background = lane;
    }
    return lane;
  }

  get documentsInFlight(): number {
    return this.#inFlight;
  }

  get documentsQueued(): number {
    return this.#queue.documents;
  }

  get isProtecting(): boolean {
    return this.#window.isProtecting() || this.#isBesideOthers();
  }

  /** Documents that one call should hold now. */
  get documentsPerCall(): number {
    const { documentsPerCall } = this.#controller.allowance;
    return this.isProtecting ? Math.min(documentsPerCall, this.#window.documentsPerCall) : documentsPerCall;
  }

  /** Admits the documents at once if nobody else waits and they may go now. */
  tryAdmit(documents: number): boolean {
    if (this.#queue.documents > 0 || !this.#mayGo(documents)) return false;
    this.#take(documents);
    return true;
  }

  /** Whether the queue has room, which is its own: background work takes none from others. */
  canQueue(documents: number, { tenant }: AdmissionFlow): boolean {
    return this.#queue.documentsOf(tenant) + documents <= this.#queue.shareOf(tenant, this.#controller.maxQueued);
  }

  enqueue(waiter: BackgroundWaiter): void {
    this.#queue.add(waiter, waiter.flow);
  }

  dequeue(waiter: BackgroundWaiter): void {
    this.#queue.remove(waiter, waiter.flow);
  }

  ended(documents: number, flow: AdmissionFlow, milliseconds: number | undefined): void {
    if (!flow.background) {
      othersAreHere();
      this.#window.othersCalled(documents, milliseconds);
      return;
    }
    const sent = this.#sent.at(performance.now() - (milliseconds ?? 0));
    const [inFlight, waiting] = [this.#inFlight, this.#queue.documents];
    this.#inFlight -= documents;
    this.#window.called(documents, milliseconds, { ...sent, inFlight, waiting });
    // Where nothing else happens meanwhile, nobody else would ask who may go.
    const rest = this.#window.restsUntil - performance.now();
    if (rest > 0) setTimeout(() => this.admitWaiting(), rest + 1);
  }

  admitWaiting(): void {
    for (let waiter = this.#queue.next(); waiter && this.#mayGo(waiter.documents); waiter = this.#queue.next()) {
      this.#queue.serve(waiter, waiter.flow);
      this.#take(waiter.documents);
      waiter.admit(this.#controller);
    }
  }

  /** Others go first, and beside them there stays room for a call of theirs. */
  #mayGo(documents: number): boolean {
    if (this.#controller.documentsQueued > 0) return false;
    if (!this.isProtecting) return this.#controller.hasRoom(documents, false);
    return (
      this.#window.allows(documents, this.#inFlight, this.#isBesideOthers()) &&
      this.#controller.hasRoom(documents + this.#window.spare, false, 1)
    );
  }

  #isBesideOthers(): boolean {
    return this.#controller.documentsInFlight > this.#inFlight;
  }

  #take(documents: number): void {
    const isBeside = this.#isBesideOthers();
    this.#sent.add(performance.now(), { isBeside, isOnly: this.#inFlight === 0 });
    this.#window.sent(isBeside);
    this.#controller.take(documents);
    this.#inFlight += documents;
  }
}

type Circumstances = Pick<SentCall, "isBeside" | "isOnly">;

/** Changes that are remembered: calls that began before the first of them say little about now. */
const mostChanges = 64;

/** How things were when calls were sent. */
class SentCalls {
  readonly #changes: (Circumstances & { readonly since: number })[] = [];

  add(now: number, { isBeside, isOnly }: Circumstances): void {
    const last = this.#changes.at(-1);
    if (last?.isBeside === isBeside && last.isOnly === isOnly) return;
    this.#changes.push({ since: now, isBeside, isOnly });
    if (this.#changes.length > mostChanges) this.#changes.shift();
  }

  /** Those of the last call that was sent by then. */
  at(time: number): Circumstances {
    return this.#changes.findLast(({ since }) => since <= time) ?? { isBeside: true, isOnly: false };
  }
}
