import type { CacheControls } from "./api.ts";
import type { CachedScores } from "./cached-scores.ts";
import type { Outcome, Work } from "./call.ts";
import type { RequestContext } from "./context.ts";
import type { ScoreCache } from "./score-cache.ts";
import { uniqueTexts } from "./unique-texts.ts";

/** An outcome for all texts, and how many of them somebody had computed before. */
export interface Recalled extends Outcome {
  /** Whether the score of a position was known or came out of another request's work. */
  readonly isKnown: (position: number) => boolean;
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
    const isUnique = unique.length === work.texts.length;
    const once = isUnique ? work : withoutRepetitions(work, unique, sources);
    const recalled = cached ? await cached.texts(once, controls, context, compute) : fresh(await compute(once, context));
    return isUnique ? recalled : fanOut(recalled, sources);
  }
}

async function openCached(cache: ScoreCache): Promise<CachedScores> {
  const { CachedScores } = await import("./cached-scores.ts");
  return new CachedScores(cache);
}

function fresh(outcome: Outcome): Recalled {
  return { ...outcome, isKnown: () => false };
}

function withoutRepetitions(work: Work, unique: readonly string[], sources: readonly number[]): Work {
  const firsts = new Map<number, number>();
  sources.forEach((source, position) => firsts.has(source) || firsts.set(source, position));
  return { ...work, texts: unique, documentOf: (source) => work.documentOf(firsts.get(source) ?? source) };
}

/** Every repetition gets the score of its first. */
function fanOut(recalled: Recalled, sources: readonly number[]): Recalled {
  const at = (position: number): number => sources[position] ?? position;
  const everywhere = (marked: readonly number[]): readonly number[] => {
    const set = new Set(marked);
    return set.size === 0 ? marked : [...sources.keys()].filter((position) => set.has(at(position)));
  };
  return {
    ...recalled,
    scores: Float64Array.from(sources, (source) => recalled.scores[source] ?? Number.NaN),
    truncated: everywhere(recalled.truncated),
    refused: everywhere(recalled.refused),
    isKnown: (position) => recalled.isKnown(at(position)),
  };
}
