import type { Work } from "../dispatch/dispatch.ts";
import type { Recalled } from "./reuse-scores.ts";
import type { UniqueTexts } from "./deduplicate.ts";

/** The same work with each text once, and how its outcome becomes one for all texts. */
export function spreadDuplicates(
  work: Work,
  { unique, sources }: UniqueTexts,
): { readonly once: Work; readonly everywhere: (recalled: Recalled) => Recalled } {
  const firsts = firstPositions(sources);
  return {
    once: { ...work, texts: unique, documentOf: (source) => work.documentOf(firsts.get(source) ?? source) },
    everywhere: (recalled) => fanOut(recalled, sources, firsts),
  };
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
    scores: scoresOf(recalled, sources),
    truncated: everywhere(recalled.truncated),
    refused: everywhere(recalled.refused),
    originOf: (position) => {
      const source = sources[position] ?? position;
      return firsts.get(source) === position ? "computed" : "repeated";
    },
  };
}

function scoresOf({ scores }: Recalled, sources: readonly number[]): Float64Array {
  const all = new Float64Array(sources.length);
  sources.forEach((source, position) => {
    all[position] = scores[source] ?? Number.NaN;
  });
  return all;
}
