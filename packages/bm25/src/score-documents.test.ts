import fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { Background } from "./background/background.ts";
import { loadLanguage } from "./language.ts";
import { scoreDocuments } from "./score-documents.ts";

const rules = await loadLanguage("none");
const words = ["wing", "flow", "heat", "plate", "shock", "wave"];
const text = fc.array(fc.constantFrom(...words), { maxLength: 12 }).map((chosen) => chosen.join(" "));
const rarities = fc.record(
  Object.fromEntries(words.map((word) => [word, fc.double({ min: 0.5, max: 8.2, noNaN: true })])),
);

describe("scores with a background", () => {
  test("are finite, 0 or more, and the same each time", async () => {
    await fc.assert(
      fc.asyncProperty(text, fc.array(text, { minLength: 1 }), rarities, async (query, documents, rarity) => {
        const scores = await score(query, documents, rarity);
        for (const value of scores) expect(value >= 0 && Number.isFinite(value)).toBe(true);
        expect(await score(query, documents, rarity)).toEqual(scores);
      }),
    );
  });

  test("rise with the rarity of a word in the documents that have it, and in no other", async () => {
    await fc.assert(
      fc.asyncProperty(text, fc.array(text, { minLength: 1 }), rarities, async (query, documents, rarity) => {
        const [before, after] = [
          await score(query, documents, rarity),
          await score(query, documents, { ...rarity, wing: (rarity["wing"] ?? 0) + 1 }),
        ];
        for (const [index, document] of documents.entries()) {
          const concerned = `${query} `.includes("wing ") && document.includes("wing");
          if (concerned) expect(after[index]).toBeGreaterThan(before[index] ?? Infinity);
          else expect(after[index]).toBe(before[index]);
        }
      }),
    );
  });

  test("rise with the rarity of a word among the documents", async () => {
    const rarity = Object.fromEntries(words.map((word) => [word, 3]));
    const [wing = 0, flow = 0] = await score("wing flow", ["wing", "flow", "flow", "flow"], rarity);
    expect(wing).toBeGreaterThan(flow);
  });
});

async function score(
  query: string,
  documents: readonly string[],
  rarity: Readonly<Record<string, number>>,
): Promise<readonly number[]> {
  const background: Background = { rarityOf: (term) => rarity[term] ?? 1 };
  const { signal } = new AbortController();
  return [...(await scoreDocuments({ query, documents, rules, background, k1: 1.2, b: 0.75, signal }))];
}
