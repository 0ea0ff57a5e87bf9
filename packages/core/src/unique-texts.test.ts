import fc from "fast-check";
import { expect, it } from "vitest";

import { uniqueTexts } from "./unique-texts.ts";

it("keeps one of each text, in the order of their first appearance", () => {
  const anyText = fc.oneof(
    fc.string({ maxLength: 2 }),
    fc.nat({ max: 40 }).map((number) => `${"same ".repeat(20)}${number}${" same".repeat(20)}`),
  );
  fc.assert(
    fc.property(fc.array(anyText, { maxLength: 200 }), (texts) => {
      const { unique, sources } = uniqueTexts(texts);
      expect(unique).toEqual([...new Set(texts)]);
      expect(sources.map((source) => unique[source])).toEqual(texts);
    }),
    { numRuns: 300 },
  );
});

it("gives back the very list when nothing repeats", () => {
  const texts = ["a", "b"];
  expect(uniqueTexts(texts).unique).toBe(texts);
});

it("never takes different long texts for the same", () => {
  const texts = Array.from({ length: 50 }, (_, position) => `${"x".repeat(20_000)}${position}${"x".repeat(20_000)}`);
  expect(uniqueTexts([...texts, ...texts]).sources.slice(0, 50)).toEqual([...texts.keys()]);
});
