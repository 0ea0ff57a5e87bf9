import * as fc from "fast-check";
import { expect, test } from "vitest";

import { bestOf } from "./best-of.ts";

test("the best of some documents are those that sorting all of them has first", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 40 }), fc.nat(45), (values, most) => {
      const scores = Float64Array.from(values);
      const documents = [...values.keys()];
      const sorted = [...documents].sort((one, other) => (scores[other] ?? 0) - (scores[one] ?? 0) || one - other);
      expect(bestOf(documents, scores, most)).toEqual(sorted.slice(0, most));
      expect(bestOf(documents.toReversed(), scores, most)).toEqual(sorted.slice(0, most));
    }),
  );
});
