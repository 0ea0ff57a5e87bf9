import { type Collected, type Collection, collectRankings, type Progress, type UnknownCost } from "@dheera-ai/eval";

import { Failure } from "../errors.ts";
import { keptFileFor } from "../measuring/kept-file.ts";
import { openModels } from "../measuring/open-models.ts";
import type { Terminal } from "../terminal.ts";
import { mostCandidates } from "./search-candidates.ts";

interface RankOptions {
  readonly config?: string;
  /** Model names. */
  readonly models: readonly string[];
  readonly max_cost?: number;
  readonly unknown_cost: UnknownCost;
  readonly scores?: string;
  onProgress(progress: Progress): void;
}

/**
 * Lets models rank as `eval` does: without fallbacks and shadows, under the same ceiling, and with what they ranked kept in
 * the same file.
 * @throws Failure where it was stopped, or where a model fails before it has ranked anything
 */
export async function rankCandidates(
  collection: Collection,
  { config, models, max_cost: maxCost, unknown_cost: unknownCost, scores, onProgress }: RankOptions,
  terminal: Terminal,
): Promise<Collected> {
  await using opened = await openModels({ config, models, withCosts: maxCost !== undefined }, terminal);
  const keptFile = scores ?? (await keptFileFor(collection.name, terminal));
  const working = new Set<string>();
  let broken: string | undefined;
  const collected = await collectRankings({
    collection,
    models: opened.models,
    rerank: (request, options) =>
      broken === undefined ? opened.dheera.rerank(request, options) : Promise.reject(new Failure(broken)),
    free: opened.free,
    topK: mostCandidates,
    concurrency: 2,
    maxCost,
    unknownCost,
    keptFile,
    signal: terminal.stop,
    onProgress,
    onAttempt(model, attempt) {
      if ("order" in attempt && attempt.order.length > 0) working.add(model);
      // A model that never works is a mistake; one that fails at times leaves the others' documents to judge.
      else if ("error" in attempt && !working.has(model)) broken ??= `${model}: ${attempt.error}`;
    },
  });
  if (broken !== undefined) throw new Failure(broken);
  if (collected.stopped !== undefined)
    throw new Failure(
      `${collected.stopped}${keptFile === undefined ? "" : `; what was ranked is kept, and ${howToGoOn(terminal.stop.aborted)}`}`,
    );
  return collected;
}

function howToGoOn(isInterrupted: boolean): string {
  return isInterrupted
    ? "the same command goes on from there"
    : "the same command with a higher --max_cost, or a smaller --sample, goes on from there";
}
