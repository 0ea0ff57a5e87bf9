import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { CustomIds } from "./custom-ids.ts";

describe("CustomIds", () => {
  it("knows each id that was there, and no other", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.integer({ min: 0, max: 40 }).map(String))), (ids) => {
        const seen = new Set<string>();
        const table = new CustomIds();
        for (const id of ids) {
          expect(table.add(id)).toBe(!seen.has(id));
          seen.add(id);
        }
      }),
    );
  });

  it("holds many that differ little", () => {
    const table = new CustomIds();
    const count = 300_000;
    for (let number = 0; number < count; number++) if (!table.add(`request-${number}`)) expect.fail(`${number}`);
    for (let number = 0; number < count; number++) if (table.add(`request-${number}`)) expect.fail(`${number}`);
  });
});
