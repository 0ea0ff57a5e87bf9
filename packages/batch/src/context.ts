import type { Queue, Store } from "./contract.ts";
import type { AllSettings } from "./settings.ts";

/** What every step works with. */
export interface Context {
  readonly store: Store;
  readonly queue: Queue;
  readonly settings: AllSettings;
  /** Milliseconds since the epoch: times of records are compared between machines. */
  now(): number;
}
