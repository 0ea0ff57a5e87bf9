import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { createTurns } from "./turns.ts";

describe("turns", () => {
  it("go round, each owner once before anyone twice, and to all positions in order", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 8 }), (sizes) => {
        const turns = createTurns<number>();
        for (const [owner, size] of sizes.entries()) turns.add(owner, size);
        const taken = [];
        for (let turn = turns.next(); turn !== undefined; turn = turns.next()) taken.push(turn);
        const expected = Array.from({ length: 20 }, (_, position) =>
          sizes.flatMap((size, of) => (position < size ? [{ of, position }] : [])),
        );
        expect(taken).toEqual(expected.flat());
      }),
    );
  });

  it("reach who comes later after one turn of each other", () => {
    const turns = createTurns<string>();
    turns.add("first", 100);
    turns.add("second", 100);
    for (let turn = 0; turn < 7; turn += 1) turns.next();
    turns.add("late", 1);
    expect([turns.next(), turns.next(), turns.next()].map((turn) => turn?.of)).toEqual(["second", "first", "late"]);
  });

  it("pass over who was removed", () => {
    const turns = createTurns<string>();
    turns.add("first", 3);
    turns.add("second", 2);
    turns.next();
    turns.remove("first");
    expect([turns.next(), turns.next(), turns.next()]).toEqual([
      { of: "second", position: 0 },
      { of: "second", position: 1 },
      undefined,
    ]);
  });
});
