import type { CacheControls } from "./api.ts";
import type { CachedScores } from "./cached-scores.ts";
import type { Outcome, Work } from "./call.ts";
import type { RequestContext } from "./context.ts";
import type { ScoreCache } from "./score-cache.ts";
import { uniqueTexts } from "./unique-texts.ts";

/** An outcome for all texts, and where each score came from. */
export interface Recalled extends Outcome {
  /** `computed` by this request, `known` before or out of another request's work, or that of an earlier `repeated` text. */
  readonly originOf: (position: number) => "computed" | "known" | "repeated";
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

  async scores(work: Work, controls: CacheControls, context: RequestContext, compute: Compute): Promise<Recalled> {
    // Whoever keeps no scores need not load what keeps them.
    const cached = this.#cached ?? (this.#cache && (await (this.#opening ??= openCached(this.#cache))));
    this.#cached = cached;
    if (work.pool.profile.scoring === "listwise")
      return cached ? cached.list(work, controls, context, compute) : fresh(await compute(work, context));

    const { unique, sources } = uniqueTexts(work.texts);
    if (unique.length === work.texts.length)
      return cached ? cached.texts(work, controls, context, compute) : fresh(await compute(work, context));

    const firsts = firstPositions(sources);
    const once: Work = { ...work, texts: unique, documentOf: (source) => work.documentOf(firsts.get(source) ?? source) };
    const recalled = cached ? await cached.texts(once, controls, context, compute) : fresh(await compute(once, context));
    return fanOut(recalled, sources, firsts);
  }
}

async function openCached(cache: ScoreCache): Promise<CachedScores> {
  const { CachedScores } = await import("./cached-scores.ts");
  return new CachedScores(cache);
}

export function fresh(outcome: Outcome): Recalled {
  return { ...outcome, originOf: () => "computed" };
}

/** Where each unique text first stood. */
function firstPositions(sources: readonly number[]): ReadonlyMap<number, number> {
  const firsts = new Map<number, number>();
  sources.forEach((source, position) => firsts.has(source) || firsts.set(source, position));
  return firsts;
}

/** Every repetition gets the score of its first. */
function fanOut(recalled: Recalled, sources: readonly number[], firsts: ReadonlyMap<number, number>): Recalled {
  const everywhere = (marked: readonly number[]): readonly number[] => {
    const set = new Set(marked);
    return set.size === 0 ? marked : [...sources.keys()].filter((position) => set.has(sources[position] ?? position));
  };
  return {
    ...recalled,
    scores: Float64Array.from(sources, (source) => recalled.scores[source] ?? Number.NaN),
    truncated: everywhere(recalled.truncated),
    refused: everywhere(recalled.refused),
    originOf: (position) => {
      const source = sources[position] ?? position;
      return firsts.get(source) === position ? recalled.originOf(source) : "repeated";
    },
  };
}
