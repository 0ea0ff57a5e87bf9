import { hasEnded } from "../batches/finish-batch.ts";
import type { Context } from "../context.ts";
import { partsPrefix, resultFileId } from "../ids.ts";

/** What is younger may belong to an upload that still runs, or to a shard that is about to be finished. */
const youngest = 3_600_000;
const atOneTime = 100;

/** First the record, then what it names, see `removeFile`; an input that a batch still reads stays until that has ended. */
export async function removeExpiredFiles({ queue, store, now }: Context): Promise<void> {
  const expired = await queue.expiredFiles(now(), atOneTime);
  if (expired.length === 0) return;
  const needed = new Set<string>();
  for await (const { inputFileId } of queue.openBatches()) needed.add(inputFileId);
  for (const file of expired) {
    if (needed.has(file.id)) continue;
    const names: string[] = [];
    for await (const { name } of queue.partsOf(file.id)) names.push(name);
    await queue.removeFile(file.id);
    await store.remove(names);
  }
}

/** Removes parts that no record names: of uploads that were cut off, of attempts whose result does not count. */
export async function sweep(context: Context, signal: AbortSignal): Promise<void> {
  const { store, now } = context;
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
