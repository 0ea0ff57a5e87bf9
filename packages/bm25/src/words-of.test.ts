import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { wordsOf } from "./words-of.ts";

describe("wordsOf", () => {
  test.each([
    { text: "Washington, D.C. is big", words: ["washington", "d", "c", "is", "big"] },
    { text: "don't l’avion 'quoted' rock'n'roll", words: ["don't", "l’avion", "quoted", "rock'n'roll"] },
    {
      text: "state-of-the-art snake_case v1.2 a/b",
      words: ["state", "of", "the", "art", "snake", "case", "v1", "2", "a", "b"],
    },
    { text: "Ångström ΣΊΣΥΦΟΣ Ёлка", words: ["ångström", "σίσυφος", "ёлка"] },
    { text: "ＦＵＬＬ ｗｉｄｔｈ ﬁn m²", words: ["full", "width", "fin", "m2"] },
    { text: "soft\u00ADhyphen", words: ["softhyphen"] },
    { text: "日本語の文章です", words: ["日本語", "の", "文章", "です"] },
    { text: "हिन्दी भाषा", words: ["हिन्दी", "भाषा"] },
    { text: "🦉 owl 🦉", words: ["owl"] },
    { text: " ,.!? ", words: [] },
    { text: "", words: [] },
  ])("finds $words in $text", ({ text, words }) => {
    expect(wordsOf(text)).toEqual(words);
  });

  // The segmenter is used as soon as one character needs it, so this compares both ways to read the same text.
  const segmented = (text: string): readonly string[] => wordsOf(`${text} 中`).slice(0, -1);

  test("finds what Unicode's word boundaries give, for any text in scripts with spaces", () => {
    const character = fc.oneof(
      { weight: 3, arbitrary: fc.integer({ min: 0x20, max: 0x7e }) },
      { weight: 2, arbitrary: fc.integer({ min: 0, max: 0x6ff }) },
      { weight: 1, arbitrary: fc.integer({ min: 0x1e00, max: 0x20cf }) },
    );
    const text = fc.array(character, { maxLength: 40 }).map((codes) => String.fromCodePoint(...codes));
    fc.assert(
      fc.property(text, (value) => {
        expect(wordsOf(value)).toEqual(segmented(value));
      }),
      { numRuns: 2000 },
    );
  });

  test("finds the same around every single character of those scripts", () => {
    const ranges = [
      ...Array.from({ length: 0x700 }, (_, code) => code),
      ...Array.from({ length: 0x20d0 - 0x1e00 }, (_, offset) => 0x1e00 + offset),
    ];
    const text = ranges
      .map((code) => String.fromCharCode(code))
      .map((one) => `a${one}b 1${one}2 a${one}1 1${one}a ${one}${one} ${one}a a${one}`)
      .join(" ");
    expect(wordsOf(text)).toEqual(segmented(text));
  });
});
