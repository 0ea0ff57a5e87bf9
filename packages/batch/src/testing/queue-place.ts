import type { Queue } from "../contract.ts";

/** A place of a test, where several processes see the same. */
export interface QueuePlace extends AsyncDisposable {
  /** As `openQueue` takes it. */
  readonly where: string;
  /** Closed with the place. */
  open(): Promise<Queue>;
}

export type CreatePlace = () => Promise<QueuePlace>;
