import { expect, it } from "vitest";

import { countSources, rangesOf } from "./explanation.ts";

it("writes numbers of documents as ranges from 1", () => {
  expect(rangesOf([0, 1, 2, 7, 4])).toBe("1–3, 5, 8");
  expect(rangesOf([0, 2, 4, 6, 8, 10, 12])).toBe("1, 3, 5, 7, 9, 11, …");
});

it("counts where scores came from", () => {
  expect(countSources(["computed", "cached", "computed"])).toBe("2 computed, 1 cached");
});
