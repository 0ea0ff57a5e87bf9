import fc from "fast-check";
import { expect, it } from "vitest";

import { deduplicate } from "./deduplicate.ts";

it("keeps one of each text, in the order of their first appearance", () => {
  const anyText = fc.oneof(
    fc.string({ maxLength: 2 }),
    fc.nat({ max: 40 }).map((number) => `${"same ".repeat(20)}${number}${" same".repeat(20)}`),
  );
  fc.assert(
    fc.property(fc.array(anyText, { maxLength: 200 }), (texts) => {
      const found = deduplicate(texts);
      const distinct = [...new Set(texts)];
      if (distinct.length === texts.length) expect(found).toBeUndefined();
      else {
        expect(found?.unique).toEqual(distinct);
        expect(found?.sources.map((source) => distinct[source])).toEqual(texts);
      }
    }),
    { numRuns: 300 },
  );
});

it("finds nothing where nothing repeats", () => {
  expect(deduplicate(["a", "b"])).toBeUndefined();
});

it("never takes different long texts for the same", () => {
  const texts = Array.from({ length: 50 }, (_, position) => `${"x".repeat(20_000)}${position}${"x".repeat(20_000)}`);
  expect(deduplicate([...texts, ...texts])?.sources.slice(0, 50)).toEqual([...texts.keys()]);
});
