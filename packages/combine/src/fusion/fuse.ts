import type { CombinedRanking, MemberRanking } from "@dheera-ai/core";

import { ranksOf } from "./ranks-of.ts";
import { minMaxOf, zScoresOf } from "./scaled-scores.ts";

/** What one member said, and how much it counts. */
export type Vote = Pick<MemberRanking, "order" | "scores" | "levels"> & { readonly weight: number };

/** Each document's part of the result from one member; 0 is what a document gets that the member did not rank. */
export type Scale = (vote: Vote) => ReadonlyMap<number, number>;

/** Reciprocal rank fusion: weight / (k + rank), where equal scores share the mean of their ranks. */
export function reciprocalRanks(k: number): Scale {
  return (vote) => mapValues(ranksOf(vote), (rank) => vote.weight / (k + rank));
}

/** Weighted z-scores; what a member refused counts as its lowest. */
export const weightedZScores: Scale = (vote) => mapValues(zScoresOf(vote), (score) => score * vote.weight);

/** Weighted scores between 0, each member's lowest, and 1, its highest. */
export const weightedMinMax: Scale = (vote) => mapValues(minMaxOf(vote), (score) => score * vote.weight);

/**
 * Adds up what the members say of each document: best first, ties in input order. The same whatever the order of the
 * members, to the last digit.
 */
export function fuse(
  votes: readonly Vote[],
  documents: number,
  scale: Scale,
): Pick<CombinedRanking, "order" | "scores" | "scoreKind"> {
  const parts: number[][] = Array.from({ length: documents }, () => []);
  for (const vote of votes) for (const [index, part] of scale(vote)) parts[index]?.push(part);
  // Sums of numbers depend on their order.
  const sums = parts.map((own) => own.toSorted((a, b) => a - b).reduce((sum, part) => sum + part, 0));
  const at = (index: number): number => sums[index] ?? 0;
  const order = [...sums.keys()].sort((a, b) => at(b) - at(a) || a - b);
  return { order, scores: order.map(at), scoreKind: "fused" };
}

function mapValues(
  values: ReadonlyMap<number, number>,
  change: (value: number) => number,
): ReadonlyMap<number, number> {
  return new Map([...values].map(([index, value]) => [index, change(value)]));
}
