import type { BatchStatus } from "@dheera-ai/batch";

/** Where a batch runs: in this process, or at a proxy. */
export interface BatchPlace extends AsyncDisposable {
  /** JSON lines as OpenAI's batches have them. @returns the file's id */
  upload(bytes: AsyncIterable<Uint8Array>, name: string): Promise<string>;
  /** @returns the batch's id */
  create(fileId: string): Promise<string>;
  /** A batch of this file, which an earlier run has created and not noted. */
  findOf(fileId: string): Promise<string | undefined>;
  /** Begins to work on it, or goes on; nothing where somebody else does. */
  work(): void;
  /** Ends the work of this process: what it has ranked is kept, and counts. */
  rest(): Promise<void>;
  /** How far it is. @throws Failure where it is not there any more */
  find(batchId: string): Promise<BatchState>;
  /** What has not ended is given up. */
  cancel(batchId: string): Promise<void>;
  content(fileId: string): AsyncIterable<Uint8Array>;
  /** Milliseconds between two looks at the batch. */
  readonly pace: number;
  /** Bytes that one line may have. */
  readonly mostLineBytes: number;
  /** It goes on when this process ends. */
  readonly isElsewhere: boolean;
}

export interface BatchState {
  readonly status: BatchStatus;
  /** Requests; 0 until they have been checked. */
  readonly total: number;
  readonly completed: number;
  readonly failed: number;
  /** US dollars; undefined where that is not known. */
  readonly cost?: number | undefined;
  readonly pausedFor?: string | undefined;
  readonly outputFileId?: string | undefined;
  readonly errorFileId?: string | undefined;
  /** Why it failed as a whole. */
  readonly problems: readonly string[];
}

export function hasEnded({ status }: BatchState): boolean {
  return ["failed", "completed", "expired", "cancelled"].includes(status);
}
