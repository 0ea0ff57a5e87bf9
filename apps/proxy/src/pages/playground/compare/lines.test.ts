import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { type Ranking, directionOf, linesBetween, pathOf } from "./lines.ts";
import { rankOf } from "./movement.ts";

describe("linesBetween", () => {
  it("joins the rows of a document, and says where it is when it has no row", () => {
    const lines = linesBetween(ranking([5, 6, 7, 8]), ranking([6, 9, 5]), { first: 0, size: 2 });
    expect(lines).toEqual([
      { document: 5, from: { row: 0 }, to: "below" },
      { document: 6, from: { row: 1 }, to: { row: 0 } },
      { document: 9, from: "absent", to: { row: 1 } },
    ]);
    expect(lines.map(directionOf)).toEqual(["down", "up", undefined]);
    expect(linesBetween(ranking([5, 6, 7, 8]), ranking([6, 9, 5]), { first: 2, size: 2 })).toEqual([
      { document: 7, from: { row: 0 }, to: "absent" },
      { document: 8, from: { row: 1 }, to: "absent" },
      { document: 5, from: "above", to: { row: 0 } },
    ]);
  });

  it("leaves no row of either page without a line, and gives none two", () => {
    const orders = fc.shuffledSubarray(
      Array.from({ length: 40 }, (_, index) => index),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(orders, orders, fc.nat(3), fc.integer({ min: 1, max: 15 }), (left, right, page, size) => {
        const first = page * size;
        const lines = linesBetween(ranking(left), ranking(right), { first, size });
        const rows = (side: "from" | "to"): readonly number[] =>
          lines
            .flatMap((line) => (typeof line[side] === "string" ? [] : [line[side].row]))
            .toSorted((one, other) => one - other);
        const shown = (order: readonly number[]): readonly number[] => [...order.slice(first, first + size).keys()];
        expect(rows("from")).toEqual(shown(left));
        expect(rows("to")).toEqual(shown(right));
        for (const { document, from, to } of lines) {
          if (typeof from !== "string") expect(left[first + from.row]).toBe(document);
          if (typeof to !== "string") expect(right[first + to.row]).toBe(document);
        }
      }),
    );
  });
});

describe("pathOf", () => {
  const rows = { left: [10, 60], right: [10, 70], width: 40 };

  it.each([
    [{ row: 0 }, { row: 1 }, "M0 10C20 10 20 70 40 70"],
    [{ row: 1 }, "absent", "M0 60q13.333333333333334 0 13.333333333333334 0"],
    [{ row: 1 }, "below", "M0 60q13.333333333333334 0 13.333333333333334 14"],
    ["above", { row: 0 }, "M40 10q-13.333333333333334 0 -13.333333333333334 -14"],
    // A row that is not drawn yet.
    [{ row: 7 }, "absent", ""],
  ] as const)("from %j to %j is %s", (from, to, path) => {
    expect(pathOf({ document: 0, from, to }, rows)).toBe(path);
  });
});

function ranking(order: readonly number[]): Ranking {
  return { order, ranks: rankOf(order) };
}
