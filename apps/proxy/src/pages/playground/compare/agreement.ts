import type { Answer } from "../proxy-client.ts";
import { kendallTau } from "./kendall-tau.ts";

type Results = Answer["results"];

/** What two rankings of the same documents have in common. */
export interface Agreement {
  /** How many of the best documents are looked at. */
  readonly k: number;
  /** Documents that both have among their best `k`. */
  readonly overlap: number;
  /** Kendall's τ-b over the documents that both returned; undefined where these have no order. */
  readonly tau: number | undefined;
}

const mostCompared = 10;

/** @param documents how many there were to rank */
export function agreementOf(one: Results, other: Results, documents: number): Agreement {
  const k = depthOf(Math.max(one.length, other.length), documents);
  const best = new Set(one.slice(0, k).map(({ index }) => index));
  const ones = placesOf(one);
  const others = placesOf(other);
  const common = [...ones.keys()].filter((index) => others.has(index));
  return {
    k,
    overlap: other.slice(0, k).filter(({ index }) => best.has(index)).length,
    tau: kendallTau(
      common.map((index) => ones.get(index) ?? 0),
      common.map((index) => others.get(index) ?? 0),
    ),
  };
}

/** The first ten, or fewer: the best k of k documents are always the same. */
function depthOf(results: number, documents: number): number {
  return Math.min(mostCompared, results, Math.ceil(documents / 2));
}

/** The place of each document, from 0. Neighbours that nothing but the order of the request divides have the same. */
function placesOf(results: Results): ReadonlyMap<number, number> {
  let place = 0;
  return new Map(
    results.map((result, rank) => {
      const before = results[rank - 1];
      if (before && !isTied(before, result)) place = rank;
      return [result.index, place];
    }),
  );
}

function isTied(one: Results[number], other: Results[number]): boolean {
  return (
    one.relevance_score === other.relevance_score && one.stage === other.stage && one.stage_score === other.stage_score
  );
}
