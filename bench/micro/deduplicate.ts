import { deduplicate } from "../../packages/core/src/reuse/deduplicate.ts";
import { type Step, counts, textsOf } from "./step.ts";

export function deduplicateSteps(): readonly Step[] {
  return counts.flatMap((documents) => {
    const different = textsOf(documents);
    // Copies, as a parser makes them: equal strings, not the same one.
    const half = textsOf(documents / 2);
    const twice = [...half, ...textsOf(documents / 2)];
    return [
      { name: "find repetitions, none", documents, run: () => deduplicate(different) },
      { name: "find repetitions, half", documents, run: () => deduplicate(twice) },
    ];
  });
}
