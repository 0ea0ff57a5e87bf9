import { describe, expect, it } from "vitest";

import { describeFixture, expectedScores, scoredFixtures } from "../fixtures/fixture-models.ts";
import { makePairs, settingsOf } from "../fixtures/pairs.ts";
import { startChild } from "../fixtures/start-child.ts";

describe.each([
  { runtime: "native", difference: 1e-5 },
  // Its sums are made in another order.
  { runtime: "wasm", difference: 2e-5 },
] as const)("a child with the $runtime runtime", ({ runtime, difference }) => {
  it.each(scoredFixtures)("scores 200 varied pairs with %s as Python's ONNX Runtime does", async (name) => {
    const model = await describeFixture(name);
    const child = startChild(model, { runtime });
    await child.hear("ready");
    const { pairs, values } = expectedScores(name);
    const width = values.length / pairs;
    for (const [position, { query, document }] of makePairs(pairs).entries()) {
      const { direction, most } = settingsOf(position);
      const { scores, end } = await child.score({
        query,
        documents: [document],
        truncationDirection: direction,
        maxTokensPerDocument: most,
      });
      expect(end.type).toBe("done");
      const logits = [...values.subarray(position * width, (position + 1) * width)];
      const expected = model.kind === "cross-encoder" && width > 1 ? logOdds(logits, model.positive) : logits[0];
      expect(Math.abs((scores[0] ?? Number.NaN) - (expected ?? Number.NaN)), `pair ${position}`).toBeLessThan(
        difference,
      );
    }
  });
});

/** Written another way than the child's: by the probabilities themselves. */
function logOdds(logits: readonly number[], positive: number): number {
  const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0);
  const probability = Math.exp(logits[positive] ?? Number.NaN) / sum;
  return Math.log(probability / (1 - probability));
}
