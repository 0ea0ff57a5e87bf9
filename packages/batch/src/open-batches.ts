import { cancelBatch } from "./batches/cancel-batch.ts";
import { type NewBatch, createBatch } from "./batches/create-batch.ts";
import { hasEnded } from "./batches/finish-batch.ts";
import type { Context } from "./context.ts";
import type { BatchRecord, FileRecord, Page, Queue, Store } from "./contract.ts";
import { contentOf } from "./files/content.ts";
import { hasExpired, listFiles } from "./files/list-files.ts";
import { removeFile } from "./files/remove-file.ts";
import { type NewFile, uploadFile } from "./files/upload-file.ts";
import { type BatchSettings, completeSettings } from "./settings.ts";
import { type Work, startWork } from "./worker/start-work.ts";
import type { WorkOptions } from "./worker/work-options.ts";

/** What batches are opened on. */
export interface BatchesOptions {
  readonly store: Store;
  readonly queue: Queue;
  readonly settings?: BatchSettings | undefined;
}

/** At one moment. */
export interface BatchTotals {
  readonly files: number;
  /** Of files, unpacked. */
  readonly bytes: number;
  /** That have not ended. */
  readonly uploads: number;
  readonly shards: { readonly waiting: number; readonly running: number };
  /** Of batches that have not ended. */
  readonly linesLeft: number;
}

/** Files, batches, and the work on them. Everything is there after a crash when it resolves. */
export interface Batches extends AsyncDisposable {
  readonly files: {
    /** Stores a file as it arrives. @throws DheeraError */
    create(file: NewFile): Promise<FileRecord>;
    /** Undefined too where it has expired, or belongs to somebody else than `owner`, who is everybody where absent. */
    find(id: string, owner?: string): Promise<FileRecord | undefined>;
    list(page: Page & { readonly purpose?: FileRecord["purpose"] }): Promise<readonly FileRecord[]>;
    /** @throws DheeraError `invalid_request` where a batch that has not ended reads it */
    remove(file: FileRecord): Promise<void>;
    /** Unpacked, part after part. */
    content(file: FileRecord): AsyncIterable<Uint8Array>;
  };
  readonly batches: {
    /** @throws DheeraError `invalid_request` that names the field */
    create(batch: NewBatch): Promise<BatchRecord>;
    find(id: string, owner?: string): Promise<BatchRecord | undefined>;
    list(page: Page): Promise<readonly BatchRecord[]>;
    /** What it is afterwards; a batch that has ended stays as it is. Undefined where there is none. */
    cancel(id: string): Promise<BatchRecord | undefined>;
  };
  /** Runs batches in this process until it is closed. */
  work(options: WorkOptions): Work;
  /** What is kept and what is left to do, of everybody, for metrics and autoscaling. */
  totals(): Promise<BatchTotals>;
  /** Ends the work, then closes the queue and the store. */
  close(): Promise<void>;
}

/** Files and batches on a store and a queue, for whoever serves or works on them. */
export function openBatches({ store, queue, settings }: BatchesOptions): Batches {
  const unwrittenPauses = new Map<string, string>();
  const context: Context = {
    store,
    queue,
    settings: completeSettings(settings ?? {}),
    unwrittenPauses,
    now: () => Date.now(),
  };
  const withPause = (batch: BatchRecord): BatchRecord => {
    const pausedFor = unwrittenPauses.get(batch.id);
    return pausedFor === undefined || hasEnded(batch) ? batch : { ...batch, pausedFor };
  };
  const works = new Set<Work>();
  const close = async (): Promise<void> => {
    await Promise.all([...works].map(async (work) => await work.close()));
    await queue.close();
    await store.close();
  };
  return {
    files: {
      create: async (file) => await uploadFile(context, file),
      find: async (id, owner) => {
        const file = ownedBy(owner, await queue.findFile(id));
        return file && !hasExpired(context, file) ? file : undefined;
      },
      list: async (page) => await listFiles(context, page),
      remove: async (file) => await removeFile(context, file),
      content: (file) => contentOf(context, file),
    },
    batches: {
      create: async (batch) => await createBatch(context, batch),
      find: async (id, owner) => {
        const batch = ownedBy(owner, await queue.findBatch(id));
        return batch && withPause(batch);
      },
      list: async (page) => (await queue.listBatches(page)).map(withPause),
      cancel: async (id) => await cancelBatch(context, id),
    },
    work: (options) => {
      const work = startWork(context, options, () => works.delete(work));
      works.add(work);
      return work;
    },
    totals: async () => {
      const [stored, shards, linesLeft] = await Promise.all([queue.stored(), queue.depth(), queue.linesLeft()]);
      return { ...stored, shards, linesLeft };
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function ownedBy<Item extends { readonly owner: string }>(
  owner: string | undefined,
  item: Item | undefined,
): Item | undefined {
  return owner === undefined || item?.owner === owner ? item : undefined;
}
