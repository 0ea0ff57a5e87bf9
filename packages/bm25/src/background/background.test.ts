import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { languages, loadLanguage } from "../language.ts";
import { termsOf } from "../terms-of.ts";
import { levelOf, readTable, writeTable } from "./background.ts";
import { loadBackground } from "./load-background.ts";

describe("a table", () => {
  test("says of each term what was written", () => {
    const terms = fc.stringMatching(/^[a-z]{3,9}$/);
    fc.assert(
      fc.property(fc.dictionary(terms, fc.integer({ min: 1, max: 15 })), (levels) => {
        const { rarityOf } = readTable(writeTable(new Map(Object.entries(levels))));
        // Of two terms with one hash, the more common one was kept.
        for (const [term, level] of Object.entries(levels)) expect(rarityOf(term)).toBeLessThanOrEqual(level / 2);
      }),
    );
    const { rarityOf } = readTable(
      writeTable(
        new Map([
          ["water", 3],
          ["wing", 9],
        ]),
      ),
    );
    expect([rarityOf("water"), rarityOf("wing")]).toEqual([1.5, 4.5]);
  });

  test("is the same whatever the order of its terms", () => {
    const levels: [string, number][] = Array.from({ length: 500 }, (_, index) => [`term${index}`, 1 + (index % 15)]);
    expect(writeTable(new Map(levels))).toEqual(writeTable(new Map(levels.toReversed())));
  });

  test("takes few of the terms that it does not have for terms that it has", () => {
    const { rarityOf } = readTable(writeTable(new Map(Array.from({ length: 10_000 }, (_, index) => [`t${index}`, 2]))));
    const taken = Array.from({ length: 10_000 }, (_, index) => rarityOf(`other${index}`)).filter(
      (rarity) => rarity < 8,
    );
    expect(taken.length).toBeLessThan(50);
  });

  const whole = writeTable(
    new Map([
      ["water", 3],
      ["wing", 9],
      ["flow", 15],
    ]),
  );
  test.each([
    { what: "lost its end", table: { ...whole, entries: whole.entries.slice(0, -1) } },
    { what: "has a term too few", table: { ...whole, terms: whole.terms + 1 } },
    { what: "has a term too many", table: { ...whole, terms: whole.terms - 1 } },
    { what: "holds other characters", table: { ...whole, entries: `-${whole.entries}` } },
    { what: "holds a number that is too large", table: { terms: 1, entries: "gggggggA" } },
    { what: "goes beyond the hashes", table: { terms: 1, entries: "/////f" } },
  ])("that $what is refused with what to do", ({ table }) => {
    expect(() => readTable(table)).toThrow(
      expect.objectContaining({
        code: "internal",
        message:
          "bm25's table of how rare words are is damaged: install @dheera-ai/bm25 again, or set background: false",
      }),
    );
  });
});

describe("a level", () => {
  test("is the higher the rarer a term is, and none for the rarest", () => {
    const shares = [0.9, 0.5, 0.1, 0.03, 0.01, 0.003, 0.001, 3e-4, 2e-4];
    const levels = shares.map(levelOf);
    expect(levels).toEqual(levels.toSorted((one = 99, other = 99) => one - other));
    expect(new Set(levels).size).toBeGreaterThan(7);
    expect([levelOf(1), levelOf(9e-5), levelOf(0)]).toEqual([1, undefined, undefined]);
  });
});

describe("the background of a language", () => {
  const without = new Set(["none", "mandarin", "sanskrit", "tamil"]);

  test.each(languages)("is there for %s, or known not to be, and finite for any term", async (language) => {
    const background = await loadBackground(language);
    expect(background === undefined).toBe(without.has(language));
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (term) => {
        const rarity = background?.rarityOf(term) ?? 1;
        expect(rarity).toBeGreaterThanOrEqual(0.5);
        expect(rarity).toBeLessThan(8.2);
      }),
    );
  });

  test.each([
    { language: "english", common: "people", rare: "aerofoils" },
    { language: "german", common: "größe", rare: "pleuel" },
    { language: "french", common: "année", rare: "ailerons" },
    { language: "danish", common: "første", rare: "krængeror" },
    { language: "russian", common: "год", rare: "элерон" },
    { language: "japanese", common: "問題", rare: "揚力" },
    { language: "japanese", common: "東京都", rare: "空力弾性" },
  ] as const)("knows in $language that $rare is rarer than $common", async ({ language, common, rare }) => {
    const [rules, background] = await Promise.all([loadLanguage(language), loadBackground(language)]);
    const rarityOf = (word: string): number | undefined => background?.rarityOf(termsOf(word, rules).join(" "));
    expect(rarityOf(common)).toBeLessThan((rarityOf(rare) ?? 0) - 1);
  });

  test("takes numbers and single letters, which its source did not count, neither for rare nor for common", async () => {
    const english = await loadBackground("english");
    for (const term of ["7", "2024", "a", "ζ"]) {
      expect(english?.rarityOf(term)).toBeGreaterThan(2);
      expect(english?.rarityOf(term)).toBeLessThan(6);
    }
  });
});
