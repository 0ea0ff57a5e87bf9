import { expect, it } from "vitest";

import { quartilesOf } from "./quartiles.ts";

it("finds the middle of figures and of their halves, whatever their order, between two of them where it must", () => {
  expect(quartilesOf([7, 1, 5, 3, 9])).toEqual({ lower: 3, median: 5, upper: 7 });
  expect(quartilesOf([4, 1, 2, 3])).toEqual({ lower: 1.75, median: 2.5, upper: 3.25 });
  expect(quartilesOf([6])).toEqual({ lower: 6, median: 6, upper: 6 });
  expect(quartilesOf([]).median).toBeNaN();
});
