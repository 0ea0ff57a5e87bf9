import { setImmediate as nextTurn } from "node:timers/promises";

import { isDheeraError } from "@dheera-ai/core";

import type { Context } from "../context.ts";
import type { BatchProblem, BatchRecord, NewShard } from "../contract.ts";
import { ahead } from "../files/content.ts";
import { readLines } from "../files/packed-part.ts";
import { CustomIds } from "./custom-ids.ts";
import { isBroken, readLine } from "./read-line.ts";

/** The work of checking an input: the first of a batch, which adds the others. */
export const inputShard: NewShard = { shard: 0, part: { name: "", bytes: 0, lines: 0 } };

const mostProblems = 100;

/**
 * Reads all of the input: a batch without one good line, or with a custom_id twice, fails; a line that is broken has its own error later
 * and is listed. Begins anew where it was interrupted.
 * @throws DheeraError where parts cannot be read; the signal's reason
 */
export async function checkInput(context: Context, batch: BatchRecord, signal: AbortSignal): Promise<void> {
  const { queue, now } = context;
  if (batch.status === "validating") {
    const found = await readInput(context, batch, signal).catch(lostInput);
    await queue.changeBatch(batch.id, (current) => {
      // Cancelled meanwhile: there is nothing to do but to end it.
      if (current.status !== "validating") return undefined;
      const { lines, parts, model, problems, fails } = found;
      return fails
        ? { ...current, status: "failed", failedAt: now(), problems }
        : {
            ...current,
            status: "in_progress",
            inProgressAt: now(),
            shards: parts + 1,
            counts: { ...current.counts, total: lines },
            ...(model !== undefined && { model }),
            problems,
          };
    });
  }
  await addInputShards(context, batch.id);
}

/**
 * As many as the record says. Again when the process died in between, also where the batch was cancelled or has expired since: it ends
 * when all of them have. Adding what is there has no effect.
 */
export async function addInputShards(context: Pick<Context, "queue">, id: string): Promise<void> {
  const batch = await context.queue.findBatch(id);
  if (batch && batch.shards > 1) await context.queue.addShards(id, inputShards(context, batch.inputFileId));
}

/** The batch fails because each worker that checked its input has died. */
export async function failCheck({ queue, now }: Context, id: string): Promise<void> {
  await queue.changeBatch(id, (batch) =>
    batch.status === "validating"
      ? { ...batch, status: "failed", failedAt: now(), problems: [uncheckable] }
      : undefined,
  );
  // It died after the check, with all that is known of the input.
  await addInputShards({ queue }, id);
}

const uncheckable: BatchProblem = {
  code: "worker_lost",
  message: "Each process that checked the input file died; divide the file, or give workers more memory.",
  param: "input_file_id",
};

interface InputFindings {
  readonly lines: number;
  readonly parts: number;
  readonly model?: string | undefined;
  readonly problems: readonly BatchProblem[];
  readonly fails: boolean;
}

async function readInput(context: Context, batch: BatchRecord, signal: AbortSignal): Promise<InputFindings> {
  const ids = new CustomIds();
  const problems: BatchProblem[] = [];
  const duplicates: BatchProblem[] = [];
  let lines = 0;
  let good = 0;
  let parts = 0;
  let units = 0;
  const models = new Set<string>();
  for await (const texts of ahead(context.queue.partsOf(batch.inputFileId), (part) => readLines(context, part))) {
    signal.throwIfAborted();
    parts++;
    for (const text of texts) {
      // Requests that are answered in this process do not wait for a whole part.
      units += text.length;
      if (units > unitsOfTurn) {
        units = 0;
        await nextTurn();
      }
      const line = readLine(text, batch.endpoint);
      lines++;
      if (line.customId !== undefined && !ids.add(line.customId)) {
        if (duplicates.length < mostProblems) duplicates.push({ ...duplicate, line: lines });
      } else if (!isBroken(line)) {
        good++;
        // Two of them are enough to know that there is not one.
        if (models.size < 2) models.add(line.model);
      } else if (problems.length < mostProblems) problems.push({ ...line.problem, line: lines });
    }
  }
  if (lines === 0) {
    const isThere = (await context.queue.findFile(batch.inputFileId)) !== undefined;
    return { lines, parts, problems: [isThere ? emptyBatch : lost], fails: true };
  }
  if (duplicates.length > 0) return { lines, parts, problems: duplicates, fails: true };
  const [model] = models.size === 1 ? models : [];
  return { lines, parts, model, problems, fails: good === 0 };
}

/** About a millisecond of reading. */
const unitsOfTurn = 100_000;

/** A file that is gone or damaged is so for good; a store that does not answer is asked again. */
function lostInput(error: unknown): InputFindings {
  if (!isDheeraError(error) || error.retryable || error.code === "cancelled") throw error;
  return { lines: 0, parts: 0, problems: [lost], fails: true };
}

const lost: BatchProblem = {
  code: "input_lost",
  message: "The input file is gone or damaged; upload it again.",
  param: "input_file_id",
};

const duplicate: BatchProblem = {
  code: "duplicate_custom_id",
  message: "An earlier line has this custom_id. It must be unique, because results are found by it.",
  param: "custom_id",
};

const emptyBatch: BatchProblem = {
  code: "empty_batch",
  message: "The input file has no line.",
  param: "input_file_id",
};

async function* inputShards({ queue }: Pick<Context, "queue">, fileId: string): AsyncGenerator<NewShard> {
  let shard = 0;
  for await (const part of queue.partsOf(fileId)) yield { shard: ++shard, part };
}
