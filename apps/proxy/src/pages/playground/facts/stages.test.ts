import { expect, it } from "vitest";

import { type Stage, outcomeOf, stagesInALine } from "./stages.ts";

const asked: Stage = { model: "bm25", documents: 1_200, milliseconds: 3 };
const skipped: Stage = { model: "cohere-5", documents: 0, milliseconds: 0, skipped: "margin" };
const failed: Stage = { model: "minilm", documents: 40, milliseconds: 9, failed: "rate_limited" };

it("names the stages of a cascade in a line, with those that were not asked or failed", () => {
  expect(stagesInALine([asked, failed, skipped])).toBe("bm25 1,200, minilm failed, cohere-5 not asked");
});

it("says why a stage is not in the ranking, and nothing of one that is", () => {
  expect([asked, skipped, failed].map(outcomeOf)).toEqual([
    "",
    "Not asked: the stage before was sure, by the margin of its best document",
    "Failed (rate limited)",
  ]);
});
