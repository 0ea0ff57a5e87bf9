import { checkScores } from "../../packages/core/src/response/normalize.ts";
import { type Step, counts, scoresOf } from "./step.ts";

export function checkScoresSteps(): readonly Step[] {
  return counts.map((documents) => {
    // Best first, as servers answer.
    const scores = Array.from(scoresOf(documents), (score, index) => ({ index, score })).sort(
      (a, b) => b.score - a.score,
    );
    return { name: "check scores", documents, run: () => checkScores({ scores }, documents) };
  });
}
