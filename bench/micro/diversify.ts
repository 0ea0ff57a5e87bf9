import { diversified } from "../../packages/core/src/diversify/diversified.ts";
import { rankTopN } from "../../packages/core/src/response/top-n.ts";
import { type Step, counts, scoresOf } from "./step.ts";

/** Of a caller that waits for its answer. */
const { signal } = new AbortController();

export function diversifySteps(): readonly Step[] {
  return counts.flatMap((documents) => {
    const texts = proseOf(documents);
    const scores = scoresOf(documents);
    const ranked = rankTopN(scores, documents);
    const run = () => diversified({ lambda: 0.7 }, ranked, scores, texts, 10, signal);
    return [{ name: "diversify, top 10", documents, run }];
  });
}

/** Texts of 1 kB whose words are as unequally frequent as those of a language (Zipf's law over 20,000), the same in every run. */
function proseOf(documents: number): readonly string[] {
  const chance = scoresOf(documents * 150);
  return Array.from({ length: documents }, (_, document) =>
    Array.from({ length: 150 }, (__, place) => `w${Math.floor(20_000 ** (chance[document * 150 + place] ?? 0))}`)
      .join(" ")
      .padEnd(1_000, " more")
      .slice(0, 1_000),
  );
}
