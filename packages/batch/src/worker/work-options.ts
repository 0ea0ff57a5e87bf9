import type { LineAnswer } from "../batches/result-line.ts";

/** One request of a batch. */
export interface BatchLine {
  /** Whose batch it is: the hash of a key; "" is whoever has the master key. */
  readonly owner: string;
  readonly batchId: string;
  /** `/v1/rerank`, `/v2/rerank` or `/rerank`. */
  readonly url: string;
  readonly body: unknown;
  /** Aborts when nobody wants the answer any more. */
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch, after which it is given up. */
  readonly deadline: number;
}

/** Ranks one line and answers like the HTTP route. A failure is an answer too: what it throws is a defect. */
export type RankLine = (line: BatchLine) => Promise<LineAnswer>;

/** How long a line is asked that servers refuse while they serve others. */
export interface LinePatience {
  /** Refusals after which it fails. Default 8. */
  readonly tries: number;
  /** Milliseconds before the second, which double up to a minute; a server may ask for more. Default 500. */
  readonly firstWait: number;
  /** Milliseconds since the first refusal after which the next is the last. Default 30 minutes. */
  readonly longest: number;
}

/** How a worker ranks lines, and how many. */
export interface WorkOptions {
  readonly rankLine: RankLine;
  /** Lines at one time. Default 32. */
  readonly concurrency?: number | undefined;
  readonly patience?: Partial<LinePatience> | undefined;
  /** Ends the work as `close` does. */
  readonly signal?: AbortSignal | undefined;
  /** What an operator should know: no room, no answer from the queue. Free of texts and keys. */
  readonly onTrouble?: ((message: string, cause: unknown) => void) | undefined;
  /** A line that has ended, for metrics. */
  readonly onLine?: ((outcome: "completed" | "failed") => void) | undefined;
}
