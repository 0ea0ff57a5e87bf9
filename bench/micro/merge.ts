import { merge } from "../../packages/core/src/response/merge.ts";
import { type Step, counts, scoresOf } from "./step.ts";

export function mergeSteps(): readonly Step[] {
  return counts.flatMap((documents) => {
    const scores = scoresOf(documents);
    return [
      { name: "merge, top 10", documents, run: () => merge(scores, 10) },
      { name: "merge, all", documents, run: () => merge(scores, documents) },
    ];
  });
}
