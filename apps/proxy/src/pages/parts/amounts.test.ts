import { expect, it } from "vitest";

import { dollars, shortCount, shortDollars } from "./amounts.ts";

it.each([
  [0, "$0"],
  [0.000_000_001, "$0.000000001"],
  [0.004_234, "$0.00423"],
  [0.5, "$0.5"],
  [1, "$1.00"],
  [1_204.5, "$1,204.50"],
  [-2, "−$2.00"],
])("writes %d US dollars as %s", (amount, words) => expect(dollars(amount)).toBe(words));

it("writes what stands at an axis short", () => {
  expect([0, 1_200, 3_400_000].map(shortCount)).toEqual(["0", "1.2K", "3.4M"]);
  expect([0, 0.005, 25, 1_500].map(shortDollars)).toEqual(["$0", "$0.005", "$25", "$1.5K"]);
});
