import type { Deployment } from "../deployment/deployment.ts";
import { DheeraError } from "../errors.ts";
import type { Batch } from "../plan/plan-batches.ts";
import { type Plan, planTask } from "../plan/plan-task.ts";
import type { OutcomeBuilder } from "./outcome-builder.ts";
import { type ScoreTask, callerIndexOf } from "./score-task.ts";

/** Refused documents beyond which the request itself is at fault. */
const mostRefused = 16;

/** What scores the parts of a batch that was refused. */
export interface BatchScorer {
  readonly task: ScoreTask;
  readonly outcome: OutcomeBuilder;
  scoreAll(plan: Plan, signal: AbortSignal): Promise<void>;
  scoreBatch(batch: Batch, signal: AbortSignal): Promise<void>;
}

/**
 * Whether the server refused what is in the batch, or how much it is: parts of it may be taken. The second is what a
 * Dheera AI proxy says that allows smaller bodies or fewer documents.
 */
export function isForDocuments({ code, param }: DheeraError): boolean {
  return (
    code === "provider_rejected" ||
    code === "request_too_large" ||
    (code === "invalid_request" && param === "documents")
  );
}

/**
 * A server refused a batch for what is in it: scores it in smaller calls if the refusal named a limit, else in halves
 * until the document at fault is alone.
 * @throws DheeraError the refusal, naming the document, unless the task allows it to go without a score.
 */
export async function isolatePoisonDocument(
  batch: Batch,
  refusal: DheeraError,
  deployment: Deployment,
  scorer: BatchScorer,
  signal: AbortSignal,
): Promise<void> {
  const { task } = scorer;
  const { scoring, billing } = task.pool.profile;
  if (refusal.learned) {
    deployment.learn(refusal.learned);
    const plan = scoring === "pointwise" ? planTask(task, batch) : { batches: [batch] };
    if (plan.batches.length > 1) return scorer.scoreAll(plan, signal);
  }
  const [first] = batch;
  if (batch.length === 1 && first !== undefined) return refuseDocument(first, refusal, scorer);
  if (scoring === "listwise" || billing === "per-search") throw refusal;
  const middle = Math.ceil(batch.length / 2);
  // One after the other: when a document fails the request, the second half need not be asked at all.
  await scorer.scoreBatch(batch.slice(0, middle), signal);
  await scorer.scoreBatch(batch.slice(middle), signal);
}

function refuseDocument(position: number, refusal: DheeraError, { task, outcome }: BatchScorer): void {
  const { textsOfRequest, onDocumentError, isChunked } = task;
  const param = `documents[${callerIndexOf(task, position)}]`;
  if (onDocumentError === "fail") throw DheeraError.from(refusal, { param, message: `${param}: ${refusal.message}` });
  const refused = outcome.refuse(position, refusal);
  if (refused > Math.max(mostRefused, textsOfRequest / 4)) throw refusal;
  outcome.warn(
    isChunked
      ? `${param} counts without a chunk that was refused, and is ranked last where none is left: ${refusal.message}`
      : `${param} is ranked last, with a score that no model gave, because it was refused: ${refusal.message}`,
  );
}
