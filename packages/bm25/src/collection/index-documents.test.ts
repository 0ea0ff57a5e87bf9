import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { loadLanguage } from "../language.ts";
import { termsOf } from "../terms-of.ts";
import { wordsOf } from "../words-of.ts";
import { indexDocuments } from "./index-documents.ts";

const words = fc.constantFrom(
  "cat",
  "cats",
  "dog",
  "bird",
  "the",
  "Résumé",
  "resume",
  "running",
  "l'avion",
  "東京",
  "x",
);
const text = fc.array(words, { maxLength: 12 }).map((list) => list.join(" "));

describe("an index over a collection", () => {
  test("finds what the formula says of every document, best first and equal ones in their order", async () => {
    const rules = await loadLanguage("english");
    const read = (given: string): readonly string[] => wordsOf(given).flatMap((word) => termsOf(word, rules));
    await fc.assert(
      fc.asyncProperty(fc.array(text, { maxLength: 25 }), text, fc.nat(30), async (documents, query, most) => {
        const terms = documents.map(read);
        const average = terms.reduce((sum, { length }) => sum + length, 0) / terms.length;
        const scores = terms.map((ofDocument) => {
          let score = 0;
          for (const term of read(query)) {
            const having = terms.filter((each) => each.includes(term)).length;
            const count = ofDocument.filter((each) => each === term).length;
            const idf = Math.log(1 + (terms.length - having + 0.5) / (having + 0.5));
            score += (idf * (count * 2.2)) / (count + 1.2 * (0.25 + (0.75 * ofDocument.length) / average)) || 0;
          }
          return score;
        });
        const index = await indexDocuments(documents);
        const found = index.search(query, most);
        const all = index.search(query, documents.length);
        expect(found).toEqual(all.slice(0, most));
        expect(all.map(({ document }) => document).sort()).toEqual(
          [...scores.keys()].filter((document) => (scores[document] ?? 0) > 0).sort(),
        );
        for (const { document, score } of all) expect(score).toBeCloseTo(scores[document] ?? NaN, 10);
        for (const [place, { document, score }] of all.slice(1).entries()) {
          const before = all[place];
          if (!before) throw new Error("expected one before");
          expect(before.score > score || (before.score === score && before.document < document)).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("answers a query the same whatever was asked before", async () => {
    const { search } = await indexDocuments(["a cat", "a dog", "cats and dogs"]);
    const first = search("cat", 10);
    search("dog", 1);
    search("bird", 1);
    expect(search("cat", 10)).toEqual(first);
  });

  test("gives the same words in another order the same scores", async () => {
    const { search } = await indexDocuments(["one two three four", "two three", "three one", "four"]);
    expect(search("four three two one", 4)).toEqual(search("one two three four", 4));
  });

  test("finds nothing in nothing, for a word that is nowhere, and for stop words alone", async () => {
    expect((await indexDocuments([])).search("cat", 10)).toEqual([]);
    const { search } = await indexDocuments(["", "the cat"]);
    expect(search("bird", 10)).toEqual([]);
    expect(search("the", 10)).toEqual([]);
    expect(search("", 10)).toEqual([]);
  });

  test("counts words of every chunk of its tables", async () => {
    const documents = Array.from({ length: 40_000 }, (_, place) => `shared word${place} word${place % 7}`);
    const { search, documents: count, terms } = await indexDocuments(documents);
    expect([count, terms]).toEqual([40_000, 40_001]);
    expect(search("word39999", 10).map(({ document }) => document)).toEqual([39_999]);
    expect(search("word6", 100_000)).toHaveLength(Math.ceil((40_000 - 6) / 7));
    expect(search("shared", 100_000)).toHaveLength(40_000);
  });

  test("has the words and stems of the language, and its own k1 and b", async () => {
    const documents = ["die Häuser", "das Haus das Haus"];
    expect((await indexDocuments(documents, { language: "german" })).search("Haus", 10)).toHaveLength(2);
    const flat = (await indexDocuments(documents, { language: "german", k1: 0 })).search("Haus", 10);
    expect(flat[0]?.score).toBe(flat[1]?.score);
  });

  test("refuses options that are none, and ends with its signal", async () => {
    await expect(indexDocuments([], { k1: -1 })).rejects.toThrow("k1 must be a number from 0 on");
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(indexDocuments(["a"], { signal })).rejects.toThrow("enough");
  });
});
