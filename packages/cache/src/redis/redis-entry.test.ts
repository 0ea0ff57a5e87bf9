import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { decodeEntry, encodeEntry } from "./redis-entry.ts";

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });

describe("an entry in Redis", () => {
  it("comes back as it was written", () => {
    fc.assert(
      fc.property(fc.record({ score: finite, created: finite, expires: finite }), (entry) => {
        expect(decodeEntry(encodeEntry(entry))).toEqual(entry);
      }),
    );
  });

  it("is undefined where there is no value, or one in another format", () => {
    const notANumber = encodeEntry({ score: Number.NaN, created: 1, expires: 2 });
    for (const value of [null, Buffer.from(""), Buffer.from("0.5"), Buffer.alloc(25), notANumber])
      expect(decodeEntry(value)).toBeUndefined();
  });
});
