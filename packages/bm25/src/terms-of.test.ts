import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { isLanguage, type Language, languages, loadLanguage } from "./language.ts";
import { termsOf } from "./terms-of.ts";

const english = await loadLanguage("english");

describe("termsOf", () => {
  test.each([
    { word: "states", terms: ["state"] },
    { word: "the", terms: [] },
    { word: "don't", terms: [] },
    { word: "don’t", terms: [] },
    { word: "nevada's", terms: ["nevada"] },
    { word: "rock'n'roll", terms: ["rock", "roll"] },
    { word: "résumés", terms: ["resum"] },
    { word: "日本語", terms: ["日本語"] },
    { word: "constructor", terms: ["constructor"] },
    { word: "__proto__", terms: ["__proto__"] },
  ])("takes $word for $terms", ({ word, terms }) => {
    expect(termsOf(word, english)).toEqual(terms);
  });

  test.each<{ language: Language; one: string; other: string }>([
    { language: "english", one: "cafés", other: "cafe" },
    { language: "german", one: "häuser", other: "haus" },
    { language: "german", one: "straße", other: "strasse" },
    { language: "spanish", one: "comunicación", other: "comunicaciones" },
    { language: "french", one: "l’école", other: "écoles" },
    { language: "russian", one: "синий", other: "синяя" },
    { language: "greek", one: "σίσυφος", other: "σίσυφοσ" },
    { language: "none", one: "naïve", other: "naive" },
  ])("takes $one and $other for one in $language", async ({ language, one, other }) => {
    const rules = await loadLanguage(language);
    expect(termsOf(one, rules)).toEqual(termsOf(other, rules));
    expect(termsOf(one, rules)).toHaveLength(1);
  });

  test("leaves the vowel signs of Indic scripts alone", async () => {
    const rules = await loadLanguage("none");
    expect(termsOf("की", rules)).not.toEqual(termsOf("का", rules));
  });

  test("leaves what is too long for a word as it is, because stemmers take quadratic time", () => {
    const long = "ing".repeat(100_000);
    expect(termsOf(long, english)).toEqual([long]);
  });

  test("leaves a word as it is where the Bulgarian stemmer throws, and stems others", async () => {
    const bulgarian = await loadLanguage("bulgarian");
    expect(termsOf("министър", bulgarian)).toEqual(["министър"]);
    expect(termsOf("градът", bulgarian)).toEqual(termsOf("град", bulgarian));
  });

  test.each(languages)("reads any word in %s", async (language) => {
    const rules = await loadLanguage(language);
    const anything = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.constantFrom("constructor", "toString", "hasOwnProperty", "", "'", "a'"),
      fc.stringMatching(/^[a-zäéß]{1,60}$/),
    );
    fc.assert(
      fc.property(anything, (word) => {
        for (const term of termsOf(word, rules)) expect(term).toBeTypeOf("string");
      }),
    );
  });
});

test("isLanguage knows languages from the names of object methods", () => {
  expect(isLanguage("german")).toBe(true);
  expect(isLanguage("toString")).toBe(false);
  expect(isLanguage(undefined)).toBe(false);
});
