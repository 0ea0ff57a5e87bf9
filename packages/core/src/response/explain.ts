import type { CallLog } from "../dispatch/call-log.ts";
import { rounded } from "../dispatch/call-log.ts";
import type { RequestContext } from "../dispatch/context.ts";
import { type ScoreOutcome, type ScoreTask, documentIndexOf, origin } from "../dispatch/score-task.ts";
import type { RerankExplanation, ScoreSource } from "../request/explanation.ts";

/** How the answer came about. Of deployments it names the ids, as the headers do, never an address. */
export function explain(
  { report }: RequestContext,
  callLog: CallLog,
  sources: readonly ScoreSource[],
): RerankExplanation {
  return {
    queue_ms: rounded(report.queueMilliseconds),
    upstream_ms: rounded(report.upstreamMilliseconds),
    calls: callLog.calls(),
    sources,
  };
}

/**
 * Where the score of each document came from. A document in chunks counts as computed when one chunk was, and as cached
 * when one was and none was computed.
 */
export function sourcesOf(
  { origins, refused }: ScoreOutcome,
  task: ScoreTask,
  documents: number,
): readonly ScoreSource[] {
  const best = new Uint8Array(documents).fill(origins ? notScored : origin.computed);
  for (const [position, from] of (origins ?? []).entries()) {
    const document = documentIndexOf(task, position);
    if (from > 0 && from < (best[document] ?? notScored)) best[document] = from;
  }
  const names = Array.from(best, (from): ScoreSource => sourceNames[from] ?? "refused");
  for (const position of refused) names[documentIndexOf(task, position)] = "refused";
  return names;
}

/** Greater than every `origin`, of which the smaller ones say more. */
const notScored = 9;

const sourceNames: Readonly<Record<number, ScoreSource>> = {
  [origin.computed]: "computed",
  [origin.known]: "cached",
  [origin.repeated]: "repeated",
};
