import fc from "fast-check";
import { expect, it } from "vitest";

import { MinHeap } from "./min-heap.ts";

it("gives back everything put in, lightest first", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 50 })), (weights) => {
      const heap = new MinHeap<{ weight: number }>([]);
      for (const weight of weights) heap.put({ weight });
      expect(weights.map(() => heap.take()?.weight)).toEqual(weights.toSorted((a, b) => a - b));
      expect(heap.take()).toBeUndefined();
    }),
  );
});
