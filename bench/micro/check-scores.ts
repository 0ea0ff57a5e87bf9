import { checkResult } from "../../packages/core/src/provider/check-result.ts";
import { type Step, counts, scoresOf } from "./step.ts";

export function checkScoresSteps(): readonly Step[] {
  return counts.map((documents) => {
    // Best first, as servers answer.
    const scores = Array.from(scoresOf(documents), (score, index) => ({ index, score })).sort(
      (a, b) => b.score - a.score,
    );
    return { name: "check scores", documents, run: () => checkResult({ scores }, documents, "acme", "probability") };
  });
}
