import fc from "fast-check";
import { expect, it, vi } from "vitest";

import { parseRequest } from "../request/parse-request.ts";
import { splitByCount } from "./counted-chunks.ts";

/** Splits texts as tokenizers of different kinds do: into characters, words, pieces of words, bytes. */
const tokenizers = {
  characters: (text: string) => [...text.replace(/\s/g, "")].length,
  words: (text: string) => text.match(/\S+/g)?.length ?? 0,
  // As WordPiece does: a word of more than 100 characters is one unknown token.
  pieces: (text: string) =>
    (text.match(/[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu) ?? []).reduce(
      (sum, word) => sum + (word.length > 100 ? 1 : Math.ceil(word.length / 3)),
      0,
    ),
  bytes: (text: string) => new TextEncoder().encode(text).length,
} as const satisfies Record<string, (text: string) => number>;

const part = fc.oneof(
  fc
    .array(fc.constantFrom("the", "river", "of", "international", "words"), { maxLength: 120 })
    .map((words) => words.join(" ")),
  fc.string({ unit: fc.constantFrom(..."0123456789.,-"), maxLength: 300 }),
  fc.string({ unit: fc.constantFrom(..."abcXYZ019+/="), maxLength: 300 }),
  fc.string({ unit: fc.constantFrom(..."السلام عليكم ورحمة الله"), maxLength: 300 }),
  fc.string({ unit: fc.constantFrom(..."検索の結果を並べ替える😀"), maxLength: 300 }),
  fc.constantFrom(
    "if (a[i] !== b) { return foo(bar => baz); }\n".repeat(9),
    "https://example.com/a?b=c&d=e%20f/".repeat(9),
  ),
);
const mixedText = fc.array(part, { minLength: 1, maxLength: 12 }).map((parts) => `x${parts.join(" ")}`);

function counterOf(tokenizer: (text: string) => number) {
  const counted: string[] = [];
  return {
    counted,
    count: async (texts: readonly string[]) => {
      counted.push(...texts);
      return texts.map((text) => tokenizer(text) + 2);
    },
  };
}

function requestOf(documents: readonly string[], more: object = {}) {
  return parseRequest({ model: "m", query: "q", documents, max_chunks_per_doc: 10_000, ...more });
}

it("makes chunks that overlap, leave nothing out and have no more tokens than the model reads", async () => {
  await fc.assert(
    fc.asyncProperty(
      mixedText,
      fc.integer({ min: 40, max: 300 }),
      fc.constantFrom(...Object.values(tokenizers)),
      async (text, modelTokens, tokenizer) => {
        const { count } = counterOf(tokenizer);
        const chunks = await splitByCount(requestOf([text]), modelTokens, count);
        let covered = 0;
        for (const [position, chunk] of (chunks?.texts ?? []).entries()) {
          expect(tokenizer("q") + tokenizer(chunk) + 4).toBeLessThanOrEqual(modelTokens);
          // The last place at which it overlaps with what is covered.
          const start = text.lastIndexOf(chunk, position === 0 ? 0 : covered - 1);
          expect(start).toBeGreaterThanOrEqual(0);
          covered = Math.max(covered, start + chunk.length);
        }
        expect(covered).toBe(text.length);
      },
    ),
    { numRuns: 300 },
  );
});

it("counts no text that fits whatever the tokenizer", async () => {
  const { count, counted } = counterOf(tokenizers.bytes);
  const chunks = await splitByCount(requestOf(["short", "検索", "x".repeat(90)]), 100, count);
  expect([chunks?.texts, counted]).toEqual([["short", "検索", "x".repeat(90)], []]);
});

it("counts about as much as is scored, however long the document", async () => {
  const { count, counted } = counterOf(tokenizers.pieces);
  const documents = ["a needle in a lot of hay ".repeat(40_000), "0".repeat(50) + " 123,456;789".repeat(80_000)];
  const chunks = await splitByCount(requestOf(documents, { max_chunks_per_doc: 10 }), 512, count);
  expect(chunks?.texts).toHaveLength(20);
  expect(chunks?.warnings).toEqual([expect.stringContaining("documents 0, 1 were")]);
  const characters = (texts: readonly string[]): number => texts.reduce((sum, text) => sum + text.length, 0);
  expect(characters(counted)).toBeLessThan(6 * characters(chunks?.texts ?? []));
  expect(counted.length).toBeLessThan(100);
});

it("ends where a tokenizer counts more than any tokenizer can", async () => {
  const chunks = await splitByCount(requestOf(["word ".repeat(500)]), 100, async (texts) => texts.map(() => 1_000_000));
  expect(chunks?.texts.length).toBeGreaterThan(0);
});

it("makes no more parts of a document than are wanted, whatever a server says that it counted", async () => {
  const count = async (texts: readonly string[]) =>
    texts.map((text) => (text.length > 4 ? Number.MAX_SAFE_INTEGER : 1));
  const pushed = vi.spyOn(Array.prototype, "push");
  await splitByCount(requestOf(["word ".repeat(20_000)], { max_chunks_per_doc: 3 }), 100, count);
  const spans = pushed.mock.calls.length;
  pushed.mockRestore();
  expect(spans).toBeLessThan(100);
});

it("says that nothing was counted where the server does not count", async () => {
  expect(await splitByCount(requestOf(["word ".repeat(500)]), 100, async () => undefined)).toBeUndefined();
});
