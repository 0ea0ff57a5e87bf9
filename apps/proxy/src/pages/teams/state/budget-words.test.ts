import { expect, it } from "vitest";

import { durationWords, useOf } from "./budget-words.ts";

it.each([
  [0, 10, undefined, { share: 0, state: "open" }],
  [8.9, 10, undefined, { share: 0.89, state: "open" }],
  [9, 10, undefined, { share: 0.9, state: "warned" }],
  [5, 10, 5, { share: 0.5, state: "warned" }],
  [10, 10, undefined, { share: 1, state: "spent" }],
  [12, 10, undefined, { share: 1, state: "spent" }],
  [0, 0, undefined, { share: 1, state: "spent" }],
] as const)("says of $%d of $%d with a warning at %s how far it is used", (spend, budget, soft, use) => {
  expect(useOf(spend, budget, soft)).toEqual(use);
});

it("names every time in words", () => {
  expect([undefined, "", "1mo", "90m", "toString"].map(durationWords)).toEqual([
    "once and for all",
    "once and for all",
    "each calendar month",
    "every 90m",
    "every toString",
  ]);
});
