import { type Duplicates, OutcomeBuilder } from "../dispatch/outcome-builder.ts";
import { type ComputeScores, type ScoreOutcome, type ScoreTask, selectTexts } from "../dispatch/score-task.ts";
import type { RequestContext } from "../dispatch/context.ts";
import type { CacheControls } from "../request/api.ts";
import { CachedScores } from "./cached-scores.ts";
import { duplicatesOf } from "./deduplicate.ts";
import type { ScoreCache } from "./score-cache.ts";

/**
 * Scores each text once: duplicates within a request are not computed again, nor what a cache knows or another request
 * is computing.
 */
export class ScoreReuse {
  readonly #cached: CachedScores | undefined;

  constructor(cache: ScoreCache | undefined) {
    this.#cached = cache && new CachedScores(cache);
  }

  scores(
    task: ScoreTask,
    controls: CacheControls,
    context: RequestContext,
    compute: ComputeScores,
  ): Promise<ScoreOutcome> {
    const isList = task.pool.profile.scoring === "listwise";
    if (this.#cached && !task.asksDetails)
      return isList
        ? this.#cached.list(task, controls, context, compute)
        : this.#cached.texts(task, controls, context, compute);
    const duplicates = isList ? undefined : duplicatesOf(task.texts);
    return duplicates ? computeOnce(task, duplicates, context, compute) : compute(task, context);
  }
}

async function computeOnce(
  task: ScoreTask,
  duplicates: Duplicates,
  context: RequestContext,
  compute: ComputeScores,
): Promise<ScoreOutcome> {
  const outcome = new OutcomeBuilder(task.texts.length, task.pool.profile.scoreKind);
  outcome.addDuplicates(duplicates);
  const once = outcome.missing();
  outcome.add(once, await compute(selectTexts(task, once), context));
  return outcome.build();
}
