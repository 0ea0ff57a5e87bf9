/** Logits of two calls to the same weights differ by no more: by the sums of other batches, or by half precision. */
const tolerance = { single: 1e-4, half: 5e-3 } as const;
const mostNames = 1_000;

/**
 * Names the weights that a server computes with by the scores it gives to a fixed pair, for servers that do not say
 * which revision they serve. Scores that differ by no more than rounding does have the same name, so that all replicas of
 * one model, and one of them from one minute to the next, are found to be equal.
 */
export class WeightNames {
  readonly #known: { readonly model: string; readonly scores: readonly number[]; readonly name: string }[] = [];

  /** @param model Everything else that is known of the model. */
  nameOf(model: string, scores: readonly number[], precision: keyof typeof tolerance): string {
    const most = tolerance[precision];
    const known = this.#known.find(
      (other) =>
        other.model === model &&
        other.scores.length === scores.length &&
        other.scores.every((score, index) => Math.abs(score - (scores[index] ?? Number.NaN)) <= most),
    );
    if (known) return known.name;
    const name = scores.map((score) => score.toFixed(precision === "single" ? 4 : 3)).join(" ");
    this.#known.push({ model, scores, name });
    if (this.#known.length > mostNames) this.#known.shift();
    return name;
  }
}
