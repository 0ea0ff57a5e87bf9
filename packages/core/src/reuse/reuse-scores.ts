import type { CacheControls } from "../request/api.ts";
import type { CachedScores } from "./cached-scores.ts";
import type { Outcome, Work } from "../dispatch/dispatch.ts";
import type { RequestContext } from "../dispatch/context.ts";
import type { ScoreCache } from "./score-cache.ts";
import { type UniqueTexts, deduplicate } from "./deduplicate.ts";

/** An outcome for all texts, and where each score came from. */
export interface Recalled extends Outcome {
  /** `computed` by this request, `known` before or out of another request's work, or that of an earlier `repeated` text. Absent: all computed. */
  readonly originOf?: (position: number) => "computed" | "known" | "repeated";
}

export type Compute = (work: Work, context: RequestContext) => Promise<Outcome>;

/** Scores each text once: repetitions within a request are not computed again, nor what a cache knows or another request computes at this moment. */
export class Recall {
  readonly #cache: ScoreCache | undefined;
  #opening: Promise<CachedScores> | undefined;
  #cached: CachedScores | undefined;

  constructor(cache: ScoreCache | undefined) {
    this.#cache = cache;
  }

  scores(work: Work, controls: CacheControls, context: RequestContext, compute: Compute): Promise<Recalled> {
    if (this.#cache) return this.#throughCache(this.#cache, work, controls, context, compute);
    const repeating = work.pool.profile.scoring === "listwise" ? undefined : deduplicate(work.texts);
    return repeating ? computeOnce(work, repeating, context, compute) : compute(work, context);
  }

  async #throughCache(
    cache: ScoreCache,
    work: Work,
    controls: CacheControls,
    context: RequestContext,
    compute: Compute,
  ): Promise<Recalled> {
    // Whoever keeps no scores need not load what keeps them.
    const cached = (this.#cached ??= await (this.#opening ??= openCached(cache)));
    const isList = work.pool.profile.scoring === "listwise";
    return isList ? cached.list(work, controls, context, compute) : cached.texts(work, controls, context, compute);
  }
}

async function computeOnce(
  work: Work,
  repeating: UniqueTexts,
  context: RequestContext,
  compute: Compute,
): Promise<Recalled> {
  const { spreadDuplicates } = await import("./spread-duplicates.ts");
  const { once, everywhere } = spreadDuplicates(work, repeating);
  return everywhere(await compute(once, context));
}

async function openCached(cache: ScoreCache): Promise<CachedScores> {
  const { CachedScores } = await import("./cached-scores.ts");
  return new CachedScores(cache);
}
