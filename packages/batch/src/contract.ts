/** What a batch keeps, by name: parts of files. Names are made by this package: lower-case letters, digits, `-`, `_`, `.`, `/`. */
export interface Store {
  /**
   * All of it or nothing, and there after a crash. Replaces what had the name.
   * @throws DheeraError `unavailable` where there is no room or no answer; trying again later may help
   */
  write(name: string, bytes: Uint8Array): Promise<void>;
  /** @throws DheeraError `invalid_request` where there is nothing of that name */
  read(name: string): Promise<Uint8Array>;
  /** Names that are not there are no error. */
  remove(names: readonly string[]): Promise<void>;
  /** In no order. */
  list(prefix: string): AsyncIterable<StoredName>;
  close(): Promise<void>;
}

/** One name of a store, and when it was written. */
export interface StoredName {
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly writtenAt: number;
}

/** Consecutive whole lines of a file, one name of the store. */
export interface FilePart {
  readonly name: string;
  /** Of its lines, unpacked. */
  readonly bytes: number;
  readonly lines: number;
}

/** A file that was uploaded, or that a batch has made. Its parts, which may be thousands, are asked for by themselves. */
export interface FileRecord {
  /** `file-` and 24 or more letters and digits. */
  readonly id: string;
  /** Whom it belongs to: the hash of a key; "" is whoever has the master key. */
  readonly owner: string;
  readonly filename: string;
  readonly purpose: "batch" | "batch_output";
  /** Of all lines, unpacked. */
  readonly bytes: number;
  readonly lines: number;
  /** Milliseconds since the epoch, as all times here. */
  readonly createdAt: number;
  readonly expiresAt?: number;
}

/** OpenAI's states. */
export type BatchStatus =
  | "validating"
  | "failed"
  | "in_progress"
  | "finalizing"
  | "completed"
  | "expired"
  | "cancelling"
  | "cancelled";

/** The lines of a batch: all of them, those that were answered, those that ended as errors. */
export interface BatchCounts {
  /** 0 until all lines have been checked. */
  readonly total: number;
  readonly completed: number;
  readonly failed: number;
}

/** Why a batch was refused. */
export interface BatchProblem {
  readonly code: string;
  readonly message: string;
  /** From 1. */
  readonly line?: number;
  readonly param?: string;
}

/** A batch as the queue keeps it. Times are milliseconds since the epoch. */
export interface BatchRecord {
  /** `batch_` and 24 or more letters and digits. */
  readonly id: string;
  readonly owner: string;
  readonly status: BatchStatus;
  readonly inputFileId: string;
  /** `/v1/rerank`, `/v2/rerank` or `/rerank`. */
  readonly endpoint: string;
  /** Such as `24h`. */
  readonly completionWindow: string;
  /** Milliseconds after which the files that it makes are deleted; absent where the setting says it. */
  readonly outputExpiresAfter?: number;
  readonly metadata: Readonly<Record<string, string>>;
  /** That all lines ask for; absent where they ask for several, and until they have been checked. */
  readonly model?: string;
  /** Of lines that have ended; those that were kept within the last second may be missing while it runs. */
  readonly counts: BatchCounts;
  /** US dollars of what has ended; absent where no price is known. */
  readonly cost?: number;
  /** At most 100. */
  readonly problems: readonly BatchProblem[];
  readonly outputFileId?: string;
  readonly errorFileId?: string;
  /** The check of the input is one of them. */
  readonly shards: number;
  readonly shardsEnded: number;
  readonly createdAt: number;
  readonly inProgressAt?: number;
  readonly finalizingAt?: number;
  readonly completedAt?: number;
  readonly failedAt?: number;
  readonly expiredAt?: number;
  readonly cancellingAt?: number;
  readonly cancelledAt?: number;
  /** When what has not ended is given up. */
  readonly expiresAt: number;
  /** Lines, as `shard:line`, and whole shards, of which workers have died until they were given up; no more than end the batch. */
  readonly deadly?: readonly string[];
  /** Why nothing is asked now: no room to write, no deployment that answers. */
  readonly pausedFor?: string;
}

/** Newest first, unless `order` is `asc`. */
export interface Page {
  /** Id of the last one of the page before; `invalid_request` where it is in no page of these. */
  readonly after?: string;
  /** 1 to 100. */
  readonly limit: number;
  /** Of everybody where absent. */
  readonly owner?: string;
  readonly order?: "asc" | "desc";
}

export interface FilePage extends Page {
  readonly purpose?: FileRecord["purpose"];
  /** Without those whose time has passed by then, which do not count for the limit. */
  readonly now?: number;
}

/** An upload that has not ended, which counts in all processes until it is released or its time has passed. */
export interface OpenUpload {
  /** Of the file that it becomes. */
  readonly id: string;
  readonly owner: string;
  /** That have arrived. */
  readonly bytes: number;
  /** Milliseconds for which it counts, unless it is held again: what a dead process held is given back then. */
  readonly lease: number;
}

/** What may be uploaded at one time, and kept. */
export interface UploadLimits {
  /** At one time, of everybody and of one owner. */
  readonly uploads: number;
  readonly uploadsOfOwner: number;
  /** Of one owner: its files and its uploads together. */
  readonly bytesOfOwner: number;
}

/**
 * What is to be done and what has been done, for any number of workers. Each change is there after a crash when it resolves. All throw
 * DheeraError `unavailable` where the queue cannot be used now.
 */
export interface Queue {
  /** Made once, with what it keeps: a queue that has lost everything has another. */
  identity(): Promise<string>;
  /**
   * Makes room for an upload, or changes how much one has, in one step for all processes.
   * @returns the limit that has no room, and then it holds nothing any more; undefined where it has. One that is held already is never one
   * too many
   */
  holdUpload(upload: OpenUpload, limits: UploadLimits): Promise<keyof UploadLimits | undefined>;
  /** Without effect where it is not held. */
  releaseUpload(id: string): Promise<void>;

  /** Replaces what has the id; an upload of this id has ended in the same step. */
  saveFile(file: FileRecord, parts: AsyncIterable<FilePart> | Iterable<FilePart>): Promise<void>;
  findFile(id: string): Promise<FileRecord | undefined>;
  partsOf(fileId: string): AsyncIterable<FilePart>;
  listFiles(page: FilePage): Promise<readonly FileRecord[]>;
  /** @returns the batch that has not ended and reads it, where there is one; then nothing is removed */
  removeFile(id: string): Promise<string | undefined>;
  /** Of all files of one owner. */
  bytesOf(owner: string): Promise<number>;
  /** Of everybody, for metrics. */
  stored(): Promise<{ readonly files: number; readonly bytes: number; readonly uploads: number }>;
  /** Files whose time has passed, the oldest first, at most `limit`, without as many of the oldest as `skip` says. */
  expiredFiles(now: number, limit: number, skip?: number): Promise<readonly FileRecord[]>;

  /** @returns false where it is new and its owner has `mostOpen` that have not ended; then nothing is saved */
  saveBatch(batch: BatchRecord, mostOpen?: number): Promise<boolean>;
  findBatch(id: string): Promise<BatchRecord | undefined>;
  /**
   * Applied to the newest version, again where somebody else was faster; nothing is changed where it returns undefined. `shardsEnded`, cost
   * and the counts of what has completed or failed are the queue's own and stay as they are; `counts.total` may be changed.
   * @returns what is there afterwards
   */
  changeBatch(id: string, change: (batch: BatchRecord) => BatchRecord | undefined): Promise<BatchRecord | undefined>;
  listBatches(page: Page): Promise<readonly BatchRecord[]>;
  /** Those that have not ended, of everybody. */
  openBatches(): AsyncIterable<BatchRecord>;
  /** Those that ended before the time, the oldest first, at most `limit`. */
  endedBatches(before: number, limit: number): Promise<readonly BatchRecord[]>;
  /**
   * Notes of batches that a worker of an older release has ended, which knows of no such note, when that was. Until then they take a place
   * among those of their owner that have not ended, and are not among `endedBatches`.
   */
  noteEnded(): Promise<void>;
  /** With whatever is left of its shards; its files stay. Removing again has no effect. */
  removeBatch(id: string): Promise<void>;
  /** Of open batches, lines that have not ended, as far as they are counted; for metrics. */
  linesLeft(): Promise<number>;

  /** What a batch is divided into, in the order of its input. Adding one again has no effect, also when it has ended. */
  addShards(batchId: string, shards: AsyncIterable<NewShard> | Iterable<NewShard>): Promise<void>;
  /** Parts of the output or the errors, in the order of the shards that have ended. */
  resultsOf(batchId: string, kind: "output" | "errors"): AsyncIterable<FilePart>;
  /** Everything about a batch that only workers need. Begun again where a process died in it. */
  forgetShards(batchId: string): Promise<void>;
  /** Ids of batches that have ended and whose shards nobody has forgotten: whoever ended them has died. */
  unforgotten(): AsyncIterable<string>;
  /**
   * The next shard; undefined when there was none for a while, or the signal aborted. Batches take turns, so that a small one does not
   * wait for a large one. A batch that was cancelled or whose time has passed is taken to its end like any other: its workers write what
   * has not ended into the errors, which is fast, and needs no other way of counting each line once.
   * @param except batches that this worker has paused
   */
  take(signal: AbortSignal, except?: ReadonlySet<string>): Promise<Claim | undefined>;
  /** Shards of all batches, for metrics and autoscaling. */
  depth(): Promise<{ readonly waiting: number; readonly running: number }>;
  close(): Promise<void>;
}

/** A shard that nobody has worked on yet. */
export interface NewShard {
  /** 0 is the check of the whole input, whose part is empty; each part of the input has the next number. */
  readonly shard: number;
  readonly part: FilePart;
}

/** One line that has ended. */
export interface KeptLine {
  /** Within the part, from 0. */
  readonly line: number;
  readonly isError: boolean;
  /** As it stands in the output or the error file, without the line end. */
  readonly text: string;
  /** US dollars. */
  readonly cost?: number;
}

/** One shard, held by one worker until it is finished or the worker is gone for five seconds. */
export interface Claim {
  readonly batchId: string;
  readonly shard: number;
  readonly part: FilePart;
  /** Differs between attempts. */
  readonly attempt: string;
  /** Aborts when the claim is no longer this worker's, because it was frozen. */
  readonly lost: AbortSignal;
  /** How often a worker has died with this shard since a line of it was kept, or since it was suspected; one that was only frozen takes it back. */
  readonly deaths: number;
  /** What the last worker noted. */
  readonly suspicion?: Suspicion | undefined;
  /** What earlier attempts kept. */
  kept(): Promise<readonly KeptLine[]>;
  /** Counts the lines for the batch. Keeping one again has no effect. @throws DheeraError `cancelled` where the claim was lost */
  keep(lines: readonly KeptLine[]): Promise<void>;
  /** Notes what may kill this worker, for those that come after it. @throws DheeraError `cancelled` where the claim was lost */
  suspect(suspicion: Suspicion): Promise<void>;
  /**
   * Ends the shard; its counts take the place of those of its kept lines in the same step. After an error it can be tried again, whether or
   * not it was done.
   * @returns false where it was finished by another attempt, or the claim was lost
   */
  finish(result: ShardResult): Promise<boolean>;
  /** Somebody else may take it at once. */
  release(): Promise<void>;
}

/** What a worker was doing with a shard whose workers have died, while its process did nothing else that has killed. */
export interface Suspicion {
  /** Absent where it only waited, which a death says nothing about; `whole` where it read the shard, wrote its results, or checked the input. */
  readonly doing?: "asks" | "whole" | undefined;
  /** That it asked, or that are to be asked alone first. */
  readonly lines: readonly number[];
  /** Of the shard's workers, when this began. */
  readonly deaths: number;
  /** Of them, those for which the line is to blame, where there is only one. */
  readonly deathsOfLine: number;
  /** Of them, those while something was done with the whole shard. */
  readonly deathsOfWhole: number;
}

/** What came of a shard: its parts of the two files, its counts, and its cost in US dollars where all of it is known. */
export interface ShardResult {
  readonly output?: FilePart;
  readonly errors?: FilePart;
  readonly completed: number;
  readonly failed: number;
  readonly cost?: number;
}
