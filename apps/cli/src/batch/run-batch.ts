import { stat } from "node:fs/promises";
import { join } from "node:path";

import { Failure, UsageError } from "../errors.ts";
import type { Terminal } from "../terminal.ts";
import type { BatchOptions } from "./batch-options.ts";
import { beginBatch } from "./begin-batch.ts";
import { describeLeft, describeOutcome } from "./describe-outcome.ts";
import { openPlace, type OpenPlace } from "./open-place.ts";
import { planRun, type RunPlan } from "./plan-run.ts";
import { type BatchProgress, describeBatch } from "./running/batch-progress.ts";
import type { BatchState } from "./running/batch-place.ts";
import { follow, type Left } from "./running/follow.ts";
import { Pace } from "./running/pace.ts";
import { openProgressFolder, type ProgressFolder, type ProgressRecord } from "./running/progress-folder.ts";
import { showProgress } from "./running/show-progress.ts";
import { writeOutcome } from "./write-outcome.ts";

/** Ranks a file of requests into a file of results. @returns the exit code: 1 where something failed, or not all was asked */
export async function runBatch(path: string, options: BatchOptions, terminal: Terminal): Promise<number> {
  const plan = await planRun(path, options);
  await refuseWritten(plan, options);
  await using folder = await openProgressFolder(plan.folder);
  let isDone = false;
  try {
    // Without a record, an earlier run was cut off while it read.
    if (options.overwrite || folder.record === undefined) await folder.clear();
    if (options.finish && folder.record?.batchId === undefined)
      throw new UsageError("--finish: no run of this command was interrupted, so that there is nothing to write");
    const code = await runIn(folder, plan, options, terminal);
    isDone = code.isDone;
    return code.exitCode;
  } finally {
    // Nothing is left where nothing was begun, or all of it was written.
    if (isDone || plan.isTemporary || folder.record === undefined) await folder.remove();
  }
}

/** @throws UsageError where an output would be written over that somebody has paid for */
async function refuseWritten({ output, folder }: RunPlan, { overwrite }: BatchOptions): Promise<void> {
  if (output === "-" || overwrite || !(await isThere(output))) return;
  if (await isThere(join(folder, "run.json"))) return;
  throw new UsageError(`--output ${output}: it is there already; --overwrite replaces it`);
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

async function runIn(
  folder: ProgressFolder,
  plan: RunPlan,
  options: BatchOptions,
  terminal: Terminal,
): Promise<{ readonly exitCode: number; readonly isDone: boolean }> {
  await using opened = await openPlace(plan, options, terminal);
  const { place } = opened;
  const begun = performance.now();
  const record = await beginBatch(plan, folder, place, terminal).catch((error: unknown) => {
    if (!terminal.stop.aborted) throw error;
    throw new Failure("interrupted while the input was read, before anything was asked", { cause: error });
  });
  const { state, left } =
    record.batchId === undefined
      ? { state: nothingAsked, left: undefined }
      : await rank(record.batchId, record, opened, options, terminal);
  if (left) {
    for (const line of describeLeft(left, state, record, opened, options)) terminal.printError(line);
    return { exitCode: 1, isDone: false };
  }
  if (state.status === "failed")
    throw new Failure(`the batch was refused: ${state.problems.join("; ") || "no reason was given"}`);
  await writeOutcome(plan, record, state, options.return_documents, place, folder, terminal);
  const seconds = (performance.now() - begun) / 1_000;
  terminal.printError(describeOutcome(plan, state, record, opened, seconds));
  return { exitCode: state.failed + record.broken > 0 ? 1 : 0, isDone: true };
}

const nothingAsked: BatchState = { status: "completed", total: 0, completed: 0, failed: 0, problems: [] };

async function rank(
  batchId: string,
  record: ProgressRecord,
  { place, ledger, ranked, halted }: OpenPlace,
  options: BatchOptions,
  terminal: Terminal,
): Promise<{ readonly state: BatchState; readonly left?: Left }> {
  const before = await place.find(batchId);
  ledger.settle(0, before.cost ?? 0);
  const doneBefore = before.completed + before.failed;
  if (doneBefore > 0)
    terminal.printError(
      `${doneBefore.toLocaleString("en")} of ${record.requests.toLocaleString("en")} are done already`,
    );
  if (options.finish) await place.cancel(batchId);
  const requests = new Pace();
  const pairs = new Pace();
  let now = before;
  const look = (state: BatchState): void => {
    const at = performance.now();
    const done = state.completed + state.failed;
    now = state;
    requests.add(done, at);
    pairs.add(ranked() ?? (done * record.pairs) / record.requests, at);
  };
  const describe = (width: number | undefined): string => describeBatch(progress(), width);
  const progress = (): BatchProgress => {
    const { perSecond } = requests;
    const done = now.completed + now.failed;
    const spent = place.isElsewhere ? now.cost : ledger.spent;
    return {
      done,
      total: record.requests,
      failed: now.failed,
      pairsPerSecond: pairs.perSecond,
      secondsLeft: perSecond === undefined ? undefined : (record.requests - done) / perSecond,
      cost: spent,
      pausedFor: now.pausedFor,
    };
  };
  place.work();
  const { stop: signal } = terminal;
  const patience = options.patience * 1_000;
  return await showProgress(terminal, describe, () =>
    follow(place, batchId, { signal, state: before, onState: look, patience, halted }),
  );
}
