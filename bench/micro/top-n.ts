import { rankTopN } from "../../packages/core/src/response/top-n.ts";
import { type Step, counts, scoresOf } from "./step.ts";

export function topNSteps(): readonly Step[] {
  return counts.flatMap((documents) => {
    const scores = scoresOf(documents);
    return [
      { name: "rank, top 10", documents, run: () => rankTopN(scores, 10) },
      { name: "rank, all", documents, run: () => rankTopN(scores, documents) },
    ];
  });
}
