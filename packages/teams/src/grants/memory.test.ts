import { array, assert, constantFrom, oneof, property, record, constant, uniqueArray } from "fast-check";
import { describe, expect, it } from "vitest";

import { Memory } from "./memory.ts";

const most = 8;
const names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
const sources = ["team|one", "team|two", "user|ada"];

describe("a memory", () => {
  it("holds what was set last under a name, unless its source was forgotten, and never more than it may", () => {
    const step = oneof(
      record({
        do: constant("set" as const),
        name: constantFrom(...names),
        from: uniqueArray(constantFrom(...sources)),
      }),
      record({ do: constant("get" as const), name: constantFrom(...names) }),
      record({ do: constant("forget" as const), name: constantFrom(...sources) }),
    );
    assert(
      property(array(step, { maxLength: 200 }), (steps) => {
        const memory = new Memory<number>(most);
        // The same without a bound: what the memory says must be what this says, or nothing.
        const unbounded = new Map<string, { value: number; from: readonly string[] }>();
        for (const [value, one] of steps.entries()) {
          if (one.do === "set") {
            memory.set(one.name, { value, from: one.from });
            unbounded.set(one.name, { value, from: one.from });
            expect(memory.get(one.name)).toBe(value);
          } else if (one.do === "forget") {
            memory.forget(one.name);
            for (const [name, { from }] of unbounded) if (from.includes(one.name)) unbounded.delete(name);
          } else expect([undefined, unbounded.get(one.name)?.value]).toContain(memory.get(one.name));
          expect(memory.size).toBeLessThanOrEqual(most);
          for (const name of names) if (!unbounded.has(name)) expect(memory.get(name)).toBeUndefined();
        }
      }),
    );
  });

  it("drops what was not asked for the longest", () => {
    const memory = new Memory<number>(4);
    for (const name of ["a", "b", "c", "d"]) memory.set(name, { value: 1, from: [] });
    memory.get("a");
    memory.set("e", { value: 1, from: [] });
    expect(["a", "b", "c", "d", "e"].filter((name) => memory.get(name) !== undefined)).toEqual(["a", "c", "d", "e"]);
  });
});
