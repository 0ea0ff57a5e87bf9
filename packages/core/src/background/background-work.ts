import {
  type AdmissionController,
  type AdmissionFlow,
  type AdmissionOptions,
  type Background,
  overloaded,
} from "../deployment/admission.ts";
import { BackgroundLane, type BackgroundWaiter } from "./background-lane.ts";
import { backgroundTurn } from "./turns.ts";

/** A piece of background work: a request, or texts of it that others may come to wait for. */
export class BackgroundWork implements Background {
  #raisedBy: AdmissionFlow | undefined;
  readonly #onRaise = new Set<() => void>();

  get raisedBy(): AdmissionFlow | undefined {
    return this.#raisedBy;
  }

  part(): Background {
    return new BackgroundWork();
  }

  /** Somebody who is not in the background waits for it: what has not been sent goes as theirs. */
  raise(flow: AdmissionFlow): void {
    if (this.#raisedBy) return;
    this.#raisedBy = flow;
    for (const raise of this.#onRaise) raise();
  }

  turn(): Promise<void> {
    return this.#raisedBy ? Promise.resolve() : backgroundTurn();
  }

  documentsPerCall(controller: AdmissionController): number {
    return BackgroundLane.of(controller).documentsPerCall;
  }

  tryAdmit(controller: AdmissionController, documents: number): boolean {
    return BackgroundLane.of(controller).tryAdmit(documents);
  }

  /** Waits as long as it takes within the deadline: nobody knows when others will want less. */
  async waitForAdmission(
    controllers: readonly AdmissionController[],
    documents: number,
    { flow, signal }: AdmissionOptions,
  ): Promise<AdmissionController | undefined> {
    const lanes = controllers.map((controller) => BackgroundLane.of(controller));
    const open = lanes.filter((lane) => lane.canQueue(documents, flow));
    if (open.length === 0) throw overloaded("too many documents are waiting in the background", 1);
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        signal.removeEventListener("abort", onAbort);
        this.#onRaise.delete(onRaise);
        for (const lane of open) lane.dequeue(waiter);
      };
      const waiter: BackgroundWaiter = {
        documents,
        flow,
        admit: (controller) => {
          leave();
          resolve(controller);
        },
      };
      const onAbort = (): void => {
        leave();
        reject(signal.reason);
      };
      const onRaise = (): void => {
        leave();
        resolve(undefined);
      };
      signal.addEventListener("abort", onAbort, { once: true });
      this.#onRaise.add(onRaise);
      for (const lane of open) lane.enqueue(waiter);
      // Another may have been next, who may not go while this one may.
      for (const lane of open) lane.admitWaiting();
    });
  }
}
