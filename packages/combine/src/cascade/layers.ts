import type { CombinedRanking, MemberRanking } from "@dheera-ai/core";

/** What one stage said of the documents that it was asked for. */
export type Layer = Pick<MemberRanking, "order" | "scores" | "scoreKind"> & { readonly model: string };

/**
 * The ranking of a cascade from those of its stages, the first one first, each of documents of the one before: what the last
 * one ranked, then what left before it, the last to leave first, in the order that their own stage gave them. Only the last
 * one's scores are scores of the answer.
 */
export function stackLayers(
  layers: readonly Layer[],
): Pick<CombinedRanking, "order" | "scores" | "scoreKind" | "stageOf"> {
  const order: number[] = [];
  const scores: number[] = [];
  const stageOf = new Map<number, { readonly stage: string; readonly score: number }>();
  const last = layers.at(-1);
  for (const layer of layers.toReversed())
    for (const [rank, index] of layer.order.entries()) {
      if (stageOf.has(index)) continue;
      const score = layer.scores[rank] ?? Number.NaN;
      order.push(index);
      scores.push(layer === last ? score : Number.NaN);
      stageOf.set(index, { stage: layer.model, score });
    }
  return { order, scores, scoreKind: last?.scoreKind ?? "unknown", stageOf };
}
