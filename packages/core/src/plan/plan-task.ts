import type { ScoreTask } from "../dispatch/score-task.ts";
import { DheeraError } from "../errors.ts";
import {
  type Batch,
  type PlanInput,
  envelopeBytes,
  fewestWorthOrdering,
  fewestWorthSpreading,
  fitsTokensPerCall,
  inOneCall,
  planBatches,
} from "./plan-batches.ts";

/** How the texts of a task are divided into calls. */
export interface Plan {
  /** Positions of the task's texts. */
  readonly batches: readonly Batch[];
  readonly warning?: string;
}

/**
 * Divides a task, or the texts at some positions of it, into calls that respect the limits of its pool. Lists whose
 * documents influence each other stay whole.
 * @throws DheeraError `invalid_request` when such a list is longer than a call may be, and when the request has more
 * documents than the model may get.
 */
export function planTask(task: ScoreTask, positions: Batch = task.texts.map((_, position) => position)): Plan {
  const { pool, query, texts } = task;
  const { scoring, billing, pads = false } = pool.profile;
  const limits = pool.planLimits(task.background);
  refuseTooMany(task.textsOfRequest, limits.documentsPerRequest);
  if (scoring === "listwise") {
    refuseUnsplittable(positions.length, limits.documentsPerCall);
    return { batches: [positions] };
  }
  const isWhole = positions.length === texts.length;
  const input: PlanInput = {
    query,
    texts: isWhole ? texts : positions.map((position) => texts[position] ?? ""),
    limits,
    spread: billing === "per-search" ? 1 : pool.members().length,
    pads,
  };
  const isOneCall = fitsOneCall(input);
  if (isOneCall && (positions.length < fewestWorthOrdering || !pads)) return { batches: [positions] };
  const planned = isOneCall ? [inOneCall(input)] : planBatches(input);
  const batches = isWhole ? planned : planned.map((batch) => batch.map((position) => positions[position] ?? position));
  if (batches.length === 1 || billing !== "per-search") return { batches };
  return {
    batches,
    warning: `the documents were sent in ${batches.length} calls because one call takes no more; each is billed as a search`,
  };
}

/** Bytes of a UTF-16 unit in a JSON body at most: `\u001f`. */
const mostBytesPerUnit = 6;
/** Quotes and a comma. */
const bytesPerText = 3;

/**
 * Whether one call holds everything for certain, so that there is nothing to divide. Bytes and tokens are not counted for
 * this, only bounded.
 */
export function fitsOneCall(input: PlanInput): boolean {
  const { query, texts, limits, spread } = input;
  if (Math.min(spread, Math.floor(texts.length / fewestWorthSpreading)) > 1) return false;
  if (texts.length > Math.min(limits.documentsPerCall ?? Infinity, limits.documentsInFlight ?? Infinity)) return false;
  if (limits.tokensPerCall !== undefined && !fitsTokensPerCall(input)) return false;
  if (limits.bytesPerCall === undefined) return true;
  let units = query.length;
  for (const text of texts) units += text.length;
  return units * mostBytesPerUnit + (texts.length + 1) * bytesPerText + envelopeBytes <= limits.bytesPerCall;
}

function refuseTooMany(documents: number, most: number = Infinity): void {
  if (documents <= most) return;
  const message = `documents: this model takes at most ${most} in a request, not ${documents}, because each of them costs; send fewer, or raise max_documents of its deployment`;
  throw new DheeraError("invalid_request", message, { param: "documents" });
}

function refuseUnsplittable(documents: number, most: number = Infinity): void {
  if (documents <= most) return;
  const message = `documents: this model compares all documents at once and takes at most ${most}, not ${documents}; send fewer`;
  throw new DheeraError("invalid_request", message, { param: "documents" });
}
