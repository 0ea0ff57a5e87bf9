import type { BatchOptions } from "./batch-options.ts";
import type { OpenPlace } from "./open-place.ts";
import type { RunPlan } from "./plan-run.ts";
import type { BatchState } from "./running/batch-place.ts";
import { dollars, duration, rate, whole } from "./running/batch-progress.ts";
import type { Left } from "./running/follow.ts";
import type { ProgressRecord } from "./running/progress-folder.ts";

/** What was written, what it took, and what failed. */
export function describeOutcome(
  { output, errors }: RunPlan,
  state: BatchState,
  { requests, pairs, broken }: ProgressRecord,
  { ranked, place, ledger }: OpenPlace,
  seconds: number,
): string {
  const own = ranked();
  const failed = state.failed + broken;
  const cost = place.isElsewhere ? state.cost : ledger.spent;
  return [
    `${output === "-" ? "" : `${output}: `}${whole(state.completed)} of ${whole(requests + broken)} requests`,
    own === undefined || own === 0
      ? `${whole(pairs)} pairs`
      : `${whole(own)} pairs in ${duration(seconds)} (${rate(own / seconds)} pairs/s)`,
    ...(cost !== undefined && cost > 0 ? [dollars(cost)] : []),
    ...(failed > 0 ? [`${whole(failed)} failed${errors === undefined ? "" : `, see ${errors}`}`] : []),
  ].join(" · ");
}

/** Why it was left before it ended, and what to do. */
export function describeLeft(
  left: Left,
  state: BatchState,
  { requests, batchId = "" }: ProgressRecord,
  { place, ledger }: OpenPlace,
  { max_cost: ceiling, api_base: base = "" }: BatchOptions,
): readonly string[] {
  const done = `${whole(state.completed + state.failed)} of ${whole(requests)} requests are done`;
  const goesOn = "what was ranked is kept, and the same command goes on from there";
  switch (left.kind) {
    case "signal":
      return place.isElsewhere
        ? [
            `dheera_ai: ${done}; the batch goes on at ${base} as ${batchId}, and the same command follows it again`,
            `To end it: dheera_ai batches cancel ${batchId} --api_base ${base}`,
          ]
        : [`dheera_ai: interrupted: ${done}; ${goesOn}`];
    case "cost":
      return [
        `dheera_ai: stopped before the ceiling of ${dollars(ceiling ?? 0)} could be passed: ${done}, for ${dollars(ledger.spent)} (the next one may cost up to ${dollars(ledger.refused)})`,
        "The same command with a higher --max_cost goes on from there; with --finish it writes what was ranked.",
      ];
    case "refused":
      return [`dheera_ai: ${left.error.message}`, `Stopped, because no request can be answered: ${done}; ${goesOn}`];
    case "silent":
      return [`dheera_ai: stopped, because nothing was answered for a while: ${left.pausedFor}`, `${done}; ${goesOn}`];
  }
}
