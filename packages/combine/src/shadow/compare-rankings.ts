import type { RerankResult } from "@dheera-ai/core";

import { kendallTau } from "./kendall-tau.ts";

export interface Agreement {
  /** The first results that `overlap` is about. */
  readonly k: number;
  /** The part of the first k documents of one ranking that are among those of the other, 0 to 1. */
  readonly overlap: number;
  /** Kendall's τ-b over the documents of both; absent where one of them puts no document before another. */
  readonly kendallTau?: number;
}

type Ranking = readonly Pick<RerankResult, "index" | "relevance_score">[];

/** How alike two rankings of the same documents are. Scores of different models are never compared with each other. */
export function compareRankings(served: Ranking, other: Ranking, first: number): Agreement {
  const k = Math.max(1, Math.min(first, served.length));
  const best = new Set(served.slice(0, k).map(({ index }) => index));
  const shared = other.slice(0, k).filter(({ index }) => best.has(index)).length;
  const [places, otherPlaces] = [placesOf(served), placesOf(other)];
  const common = [...places.keys()].filter((index) => otherPlaces.has(index));
  const tau = kendallTau(
    common.map((index) => places.get(index) ?? 0),
    common.map((index) => otherPlaces.get(index) ?? 0),
  );
  return { k, overlap: shared / k, ...(tau !== undefined && { kendallTau: tau }) };
}

/** By document. Neighbours of one score have one place: their order is that of the request, which says nothing. */
function placesOf(ranking: Ranking): ReadonlyMap<number, number> {
  const places = new Map<number, number>();
  let place = 0;
  for (const [position, { index, relevance_score: score }] of ranking.entries()) {
    if (ranking[position - 1]?.relevance_score !== score) place = position;
    places.set(index, place);
  }
  return places;
}
