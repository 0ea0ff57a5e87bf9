import type { RankingScoreKind } from "@dheera-ai/core";

/** A bar of up to `width` columns for a share of 0..1, drawn in eighths of a column. */
export function drawBar(share: number, width: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * width * 8);
  return "█".repeat(Math.floor(eighths / 8)) + (partial[eighths % 8] ?? "");
}

/**
 * How much of its bar each score fills. Probabilities and cosines are used as they are, logits go through the sigmoid.
 * Scores on an unknown scale are drawn relative to the best of them, because their range is not known.
 */
export function barShares(scores: readonly number[], kind: RankingScoreKind = "unknown"): number[] {
  if (kind === "logit") return scores.map((score) => 1 / (1 + Math.exp(-score)));
  if (kind === "probability" || kind === "calibrated" || kind === "cosine")
    return scores.map((score) => Math.min(1, Math.max(0, score)));
  const floor = Math.min(0, ...scores);
  const range = Math.max(...scores) - floor;
  return scores.map((score) => (range === 0 ? 0 : (score - floor) / range));
}

const partial = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
