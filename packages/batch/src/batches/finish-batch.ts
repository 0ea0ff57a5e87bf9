import type { Context } from "../context.ts";
import type { BatchProblem, BatchRecord, FilePart } from "../contract.ts";
import { partsPrefix, resultFileId } from "../ids.ts";
import { isTooDeadly, tooDeadly } from "./too-deadly.ts";

export function hasEnded({ status }: BatchRecord): boolean {
  return status === "failed" || status === "completed" || status === "expired" || status === "cancelled";
}

/**
 * Makes the files of a batch whose shards have all ended, and says so in its record. Anybody may do it, several at one time too: the files
 * have the same ids and parts whoever makes them.
 */
export async function finishBatch(context: Context, id: string): Promise<void> {
  const { queue, settings, now } = context;
  const batch = await queue.changeBatch(id, (current) =>
    current.status === "in_progress" && current.shardsEnded >= current.shards
      ? { ...current, status: "finalizing", finalizingAt: now() }
      : undefined,
  );
  // It was removed, and somebody who was frozen has added its shards again.
  if (!batch) return await queue.forgetShards(id);
  if (!hasEnded(batch)) {
    if (batch.status === "validating" || batch.shardsEnded < batch.shards) return;
    const output = await collect(queue.resultsOf(id, "output"));
    const errors = await collect(queue.resultsOf(id, "errors"));
    // Somebody else has finished it meanwhile, and these lists may be what is left.
    if (linesOf(output) + linesOf(errors) < batch.counts.completed + batch.counts.failed) return;
    const save = async (kind: "output" | "errors", parts: readonly FilePart[]): Promise<string | undefined> => {
      if (parts.length === 0) return undefined;
      const fileId = resultFileId(id, kind);
      const createdAt = now();
      await queue.saveFile(
        {
          id: fileId,
          owner: batch.owner,
          filename: `${id}_${kind === "output" ? "output" : "error"}.jsonl`,
          purpose: "batch_output",
          bytes: parts.reduce((bytes, part) => bytes + part.bytes, 0),
          lines: linesOf(parts),
          createdAt,
          expiresAt: createdAt + (batch.outputExpiresAfter ?? settings.filesExpireAfter),
        },
        parts,
      );
      return fileId;
    };
    const outputFileId = await save("output", output);
    const errorFileId = await save("errors", errors);
    await queue.changeBatch(id, (current) =>
      hasEnded(current)
        ? undefined
        : {
            ...withoutPause(current),
            ...ending(current, now()),
            ...(outputFileId !== undefined && { outputFileId }),
            ...(errorFileId !== undefined && { errorFileId }),
          },
    );
  }
  await queue.forgetShards(id);
  await removeStrayParts(context, id);
}

function ending(batch: BatchRecord, now: number): Partial<BatchRecord> {
  if (batch.cancellingAt !== undefined) return { status: "cancelled", cancelledAt: now };
  if (batch.expiredAt !== undefined) return { status: "expired", expiredAt: now };
  if (isTooDeadly(batch)) return { status: "failed", failedAt: now, problems: withProblem(batch, tooDeadly) };
  return { status: "completed", completedAt: now };
}

/** The one that ends it is first, and of the broken lines one fewer may be said. */
function withProblem({ problems }: BatchRecord, problem: BatchProblem): readonly BatchProblem[] {
  return [problem, ...problems.slice(0, 99)];
}

export function withoutPause(batch: BatchRecord): BatchRecord {
  const { pausedFor, ...others } = batch;
  return pausedFor === undefined ? batch : others;
}

/** What attempts have written whose results do not count. */
async function removeStrayParts({ queue, store }: Context, id: string): Promise<void> {
  const named = new Set<string>();
  for (const kind of ["output", "errors"] as const) {
    for await (const part of queue.partsOf(resultFileId(id, kind))) named.add(part.name);
  }
  const stray: string[] = [];
  for await (const { name } of store.list(`${partsPrefix}${id}/`)) if (!named.has(name)) stray.push(name);
  if (stray.length > 0) await store.remove(stray);
}

function linesOf(parts: readonly FilePart[]): number {
  return parts.reduce((lines, part) => lines + part.lines, 0);
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}
