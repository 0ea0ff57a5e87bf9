import { DheeraError, isDheeraError } from "@dheera-ai/core";

import { hasEnded } from "../batches/finish-batch.ts";
import type { Context } from "../context.ts";
import type { Queue } from "../contract.ts";
import { partsPrefix, resultFileId } from "../ids.ts";

/** What is younger may belong to an upload that still runs, or to a shard that is about to be finished. */
const youngest = 3_600_000;
const atOneTime = 100;

/** For which a file that has expired stays for downloads that had begun; nobody finds it any more. */
const downloadMs = 3_600_000;

/** First the record, then what it names, see `removeFile`; an input that a batch still reads stays until that has ended. */
export async function removeExpiredFiles({ queue, store, now }: Context, signal: AbortSignal): Promise<void> {
  const before = now() - downloadMs;
  // Asked once: that a file cannot be removed is a change of the queue like any other, and there may be thousands.
  let inputs: ReadonlySet<string> | undefined;
  for (let stayed = 0; ;) {
    const expired = await queue.expiredFiles(before, atOneTime, stayed);
    if (expired.length === 0) return;
    inputs ??= await inputsOfOpenBatches(queue);
    for (const { id } of expired) {
      signal.throwIfAborted();
      if (inputs.has(id) || !(await removeUnread(id))) stayed++;
    }
  }

  async function removeUnread(id: string): Promise<boolean> {
    const names: string[] = [];
    for await (const { name } of queue.partsOf(id)) names.push(name);
    // A batch that was made meanwhile reads it.
    if ((await queue.removeFile(id)) !== undefined) return false;
    await store.remove(names);
    return true;
  }
}

async function inputsOfOpenBatches(queue: Queue): Promise<ReadonlySet<string>> {
  const inputs = new Set<string>();
  for await (const { inputFileId } of queue.openBatches()) inputs.add(inputFileId);
  return inputs;
}

/** Batches that ended long ago; their files have times of their own. */
export async function removeOldBatches({ queue, settings, now }: Context, signal: AbortSignal): Promise<void> {
  for (;;) {
    const old = await queue.endedBatches(now() - settings.batchesExpireAfter, atOneTime);
    for (const { id } of old) {
      signal.throwIfAborted();
      await queue.removeBatch(id);
    }
    if (old.length < atOneTime) return;
  }
}

/** Which queue knows what is in a store. */
const identityName = "queue-identity";

/**
 * Whether the store's parts are those of this queue; a store that is nobody's becomes its own. A queue that has lost everything, or another
 * one at the same place, names no part: by its word nothing may be removed.
 */
async function isOwnStore({ queue, store }: Context): Promise<boolean> {
  const identity = await queue.identity();
  try {
    return Buffer.from(await store.read(identityName)).toString() === identity;
  } catch (error) {
    if (!isDheeraError(error) || error.code !== "invalid_request") throw error;
    await store.write(identityName, Buffer.from(identity));
    return true;
  }
}

/** A new store is the queue's whose worker comes first. @throws DheeraError where it is another one's */
export async function checkStore(context: Context): Promise<void> {
  if (await isOwnStore(context)) return;
  throw new DheeraError(
    "invalid_request",
    `the storage belongs to another queue, or the queue has lost what it kept; if it is meant to be this one's, delete ${identityName} in it, and what this queue does not know will be removed`,
  );
}

/**
 * Removes parts that no record names: of uploads that were cut off, of attempts whose result does not count.
 * @throws DheeraError where the storage is another queue's
 */
export async function sweep(context: Context, signal: AbortSignal): Promise<void> {
  const { store, now } = context;
  await checkStore(context);
  const before = now() - youngest;
  // Newest part of each file or batch: some thousand entries where there are millions of parts.
  const newest = new Map<string, number>();
  for await (const { name, writtenAt } of store.list(partsPrefix)) {
    signal.throwIfAborted();
    const holder = holderOf(name);
    newest.set(holder, Math.max(newest.get(holder) ?? 0, writtenAt));
  }
  for (const [holder, writtenAt] of newest) {
    signal.throwIfAborted();
    if (writtenAt < before) await sweepHolder(context, holder);
  }
}

async function sweepHolder({ queue, store }: Context, holder: string): Promise<void> {
  const isBatch = holder.startsWith("batch_");
  if (isBatch) {
    const batch = await queue.findBatch(holder);
    if (batch && !hasEnded(batch)) return;
  }
  const named = new Set<string>();
  for (const id of isBatch ? [resultFileId(holder, "output"), resultFileId(holder, "errors")] : [holder]) {
    for await (const { name } of queue.partsOf(id)) named.add(name);
  }
  const stray: string[] = [];
  for await (const { name } of store.list(`${partsPrefix}${holder}/`)) if (!named.has(name)) stray.push(name);
  if (stray.length > 0) await store.remove(stray);
}

/** `parts/file-x/0000001.gz` → `file-x` */
function holderOf(name: string): string {
  return name.slice(partsPrefix.length).split("/", 1)[0] ?? "";
}
