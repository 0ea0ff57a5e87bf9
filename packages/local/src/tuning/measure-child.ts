import { DheeraError } from "@dheera-ai/core";
import { abortable, childEnvironment } from "@dheera-ai/core/provider-utils";

import type { ModelDescription } from "../model/description.ts";
import type { Places } from "../model/find-model.ts";
import { childProgram } from "../process/child-program.ts";
import { cannotLoad } from "../process/failures.ts";
import { LoadFailed, ModelChild } from "../process/model-child.ts";
import type { Peers } from "../process/peers.ts";
import { toResult } from "../provider/to-result.ts";

/** What is scored while it is measured. */
export interface Workload {
  readonly query: string;
  /** At least one; the first of them are what scores are compared by. */
  readonly documents: readonly string[];
}

export interface MeasuredChild {
  readonly readyMs: number;
  /** Bytes. */
  readonly memory: number;
  readonly documentsPerSecond: number;
  /** Of the first documents. */
  readonly scores: readonly number[];
}

/** Documents that scores are compared by. */
const compared = 8;
/** Milliseconds of work that are measured, after the first documents. */
const measuredMs = 1_000;

/**
 * Starts one child with this model, has it work for about a second, and ends it.
 * @throws DheeraError where it cannot load the model or dies; the signal's reason when it aborts
 */
export async function measureChild(
  model: ModelDescription,
  peers: Peers,
  threads: number,
  environment: Places["environment"],
  { query, documents }: Workload,
  signal: AbortSignal,
): Promise<MeasuredChild> {
  const { runtime, modules } = peers;
  const begun = performance.now();
  const child = new ModelChild(
    {
      program: childProgram(),
      environment: childEnvironment(environment),
      // Nothing is kept, because what is measured is the work.
      load: { type: "load", model, threads, vectorCacheBytes: 0, runtime, modules },
      patienceMs: 60_000,
    },
    () => {},
  );
  child.hold();
  try {
    await abortable(child.ready, signal);
    const readyMs = performance.now() - begun;
    const firstBegun = performance.now();
    const scores = await score(child, model, query, documents.slice(0, compared), signal);
    const each = (performance.now() - firstBegun) / scores.length;

    // Requests as long as the time, so that what lies between them does not count.
    const wanted = Math.max(scores.length, Math.ceil(measuredMs / each));
    const work = Array.from({ length: wanted }, (_, index) => documents[index % documents.length] ?? "");
    const workBegun = performance.now();
    await score(child, model, query, work, signal);
    const documentsPerSecond = (wanted * 1000) / (performance.now() - workBegun);
    return { readyMs, memory: child.memory, documentsPerSecond, scores };
  } catch (error) {
    signal.throwIfAborted();
    throw asDheeraError(error, model);
  } finally {
    await child.end();
    child.release();
  }
}

async function score(
  child: ModelChild,
  model: ModelDescription,
  query: string,
  documents: readonly string[],
  signal: AbortSignal,
): Promise<readonly number[]> {
  const scores = new Float64Array(documents.length);
  await child.score(
    { query, documents, truncate: true, truncationDirection: "right", maxTokensPerDocument: undefined },
    (part) => scores.set(part.scores, part.from),
    signal,
  );
  return toResult({ scores, truncated: [], tokens: 0, isQueryCut: false }, model, {}).scores.map((one) => one.score);
}

function asDheeraError(error: unknown, model: ModelDescription): DheeraError {
  if (error instanceof LoadFailed) return cannotLoad(model, error);
  const reason = error instanceof Error ? error.message : String(error);
  return new DheeraError("provider_failed", `local/${model.name}: ${reason}`, { provider: "local", cause: error });
}
