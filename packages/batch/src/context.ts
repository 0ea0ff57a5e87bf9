import type { Queue, Store } from "./contract.ts";
import type { AllSettings } from "./settings.ts";

/** What every step works with. */
export interface Context {
  readonly store: Store;
  readonly queue: Queue;
  readonly settings: AllSettings;
  /** Why batches are paused in this process whose records cannot say it: the queue's own disk is full. */
  readonly unwrittenPauses: Map<string, string>;
  /** Milliseconds since the epoch: times of records are compared between machines. */
  now(): number;
}
