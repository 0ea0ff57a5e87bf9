/** The lengths of the bars, 0..1, and what they mean. */
export interface Bars {
  readonly lengths: readonly number[];
  /** `none`: there are no bars, because distances between the scores mean nothing. */
  readonly scale: "absolute" | "relative" | "none";
}

/**
 * Probabilities and cosines have a fixed scale; of `rank` only the order means something; any other score has a meaning
 * only relative to the others of its ranking.
 */
export function barLengths(scores: readonly number[], scoreKind: string | undefined): Bars {
  if (scoreKind === "rank") return { lengths: scores.map(() => 0), scale: "none" };
  if (scoreKind !== undefined && absoluteKinds.has(scoreKind))
    return { lengths: scores.map((score) => clamp(score)), scale: "absolute" };
  const best = Math.max(...scores);
  const floor = Math.min(0, ...scores);
  const span = best - floor;
  return { lengths: scores.map((score) => (span > 0 ? clamp((score - floor) / span) : 0)), scale: "relative" };
}

const absoluteKinds: ReadonlySet<string> = new Set(["probability", "calibrated", "cosine"]);

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}
