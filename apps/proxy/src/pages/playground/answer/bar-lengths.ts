/** The lengths of the bars, 0..1, and whether they are relative to the best score. */
export interface Bars {
  readonly lengths: readonly number[];
  readonly scale: "absolute" | "relative";
}

/**
 * Probabilities and cosines have a fixed scale; any other score has a meaning only relative to the others of its
 * ranking.
 */
export function barLengths(scores: readonly number[], scoreKind: string | undefined): Bars {
  if (scoreKind === "probability" || scoreKind === "cosine")
    return { lengths: scores.map((score) => clamp(score)), scale: "absolute" };
  const best = Math.max(...scores);
  const floor = Math.min(0, ...scores);
  const span = best - floor;
  return { lengths: scores.map((score) => (span > 0 ? clamp((score - floor) / span) : 0)), scale: "relative" };
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}
