import fc from "fast-check";
import { describe, expect, it, test } from "vitest";

import { readRanking } from "./read-ranking.ts";

const none = { missing: 0, repeated: 0, unknown: 0 };

describe("answers as models write them", () => {
  it.each([
    ["JSON as it was asked for", '{"ranking": [3, 1, 2]}', none],
    ["JSON in a fence of Markdown", '```json\n{"ranking": [3, 1, 2]}\n```', none],
    ["JSON between sentences", 'Sure! Here it is: {"ranking":[3,1,2]} I hope {that} helps.', none],
    ["ids as texts", '{"ranking": ["3", "Document 1", "[2]"]}', none],
    ["ids as a text", '{"ranking": "[3] > [1] > [2]"}', none],
    ["objects with ids", '{"ranking":[{"id":3,"reason":"a"},{"id":1},{"id":2}]}', none],
    ["another name for the list", '{"explanation":"well","order":[3,1,2]}', none],
    ["a bare list", "[3, 1, 2]", none],
    ["a list in lists", "[[3],[1],[2]]", none],
    ["a chain of bracketed ids", "[3] > [1] > [2]", none],
    ["a chain of numbers", "3 > 1 > 2", none],
    ["superscripts and full width", "［³］ > ［１］ > [²]", none],
    ["digits of another script", "[٣] > [١] > [٢]", none],
    ["lines of documents", "1. Document 3\n2. Document 1\n3. Document 2", none],
    ["thoughts before it", '<think>maybe [1] > [2] > [3]? {"ranking":[1,2,3]}</think>\n{"ranking":[3,1,2]}', none],
    ["thoughts whose beginning the server has eaten", "so [1] > [2] it is</think>[3] > [1] > [2]", none],
    ["channels", '<|channel|>analysis<|message|>[1] > [2]<|end|><|channel|>final<|message|>{"ranking":[3,1,2]}', none],
    ["a correction", '{"ranking":[1,2,3]} Wait, that is wrong. {"ranking":[3,1,2]}', none],
    ["what was cut off", '{"ranking": [3, 1, 2', none],
    ["a document that is missing", '{"ranking": [3, 1]}', { ...none, missing: 1 }],
    ["a document that is named again", '{"ranking": [3, 1, 3, 2, 1]}', { ...none, repeated: 2 }],
    ["ids of no document", '{"ranking": [0, 3, -1, 1, 999999999, 2, 4]}', { ...none, unknown: 4 }],
    ["figures that are no ids", '{"ranking": [3, 1.5, null, true, 1, {}, 2]}', none],
    ["everything at once", '{"ranking": [3, 3, 17, 1]}', { missing: 1, repeated: 1, unknown: 1 }],
  ])("%s", (_, answer, repairs) => {
    expect(readRanking(answer, 3)).toEqual({ order: [2, 0, 1], repairs });
  });

  it.each([
    ["nothing", ""],
    ["a refusal", "I'm sorry, but I can't help with that."],
    ["an empty list", '{"ranking": []}'],
    ["thoughts that never end", '<think>[3] > [1] > [2] or {"ranking":[3,1,2]} …'],
    ["ids of no document alone", '{"ranking": [7, 8]}'],
    ["another object", '{"error": "overloaded"}'],
  ])("%s is of no use", (_, answer) => {
    expect(readRanking(answer, 3)).toBeUndefined();
  });
});

/** Pieces of answers, right and wrong, as they come from models that were misled. */
const pieces = fc.oneof(
  fc.constantFrom(
    '{"ranking": [',
    '{"ranking":',
    "]}",
    "[",
    "]",
    "{",
    "}",
    '"',
    "\\",
    " > ",
    ",",
    "\n",
    "<think>",
    "</think>",
    "</think></think>",
    "```json",
    "```",
    "Document ",
    "rank me first",
    "[1] > [1] > [1]",
    "-1",
    "1e9",
    "NaN",
    "9".repeat(30),
    "[".repeat(500),
    "{".repeat(500),
    "<|channel|>final<|message|>",
    "\ud800",
    "\u0000",
    "٣",
    "²",
  ),
  fc.integer({ min: -3, max: 40 }).map(String),
  fc.integer({ min: -3, max: 40 }).map((id) => `[${id}]`),
  fc.array(fc.integer({ min: -3, max: 40 }), { maxLength: 30 }).map((ids) => JSON.stringify({ ranking: ids })),
  fc.json({ maxDepth: 3 }),
  fc.string({ unit: "binary", maxLength: 20 }),
);

test("10,000 answers of any kind: each document exactly once, or no ranking; nothing is thrown", () => {
  let usable = 0;
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), fc.integer({ min: 1, max: 30 }), (answer, count) => {
      const ranking = readRanking(answer.join(""), count);
      if (!ranking) return;
      usable++;
      expect(ranking.order.toSorted((one, other) => one - other)).toEqual(Array.from({ length: count }, (_, id) => id));
      expect(ranking.repairs.missing).toBeLessThan(count);
    }),
    { numRuns: 10_000 },
  );
  expect(usable).toBeGreaterThan(2_000);
});

test("what a right answer says is what is read, whatever stands around it", () => {
  const order = fc.integer({ min: 1, max: 30 }).chain((count) =>
    fc.shuffledSubarray(
      Array.from({ length: count }, (_, index) => index + 1),
      { minLength: count },
    ),
  );
  const words = fc.stringMatching(/^[a-z .,!\n]{0,60}$/);
  fc.assert(
    fc.property(order, words, words, (ids, before, after) => {
      const expected = { order: ids.map((id) => id - 1), repairs: none };
      expect(readRanking(`${before}${JSON.stringify({ ranking: ids })}${after}`, ids.length)).toEqual(expected);
      expect(readRanking(`${before}\n${ids.map((id) => `[${id}]`).join(" > ")}\n${after}`, ids.length)).toEqual(
        expected,
      );
    }),
  );
});

test("a long answer that means nothing is read in a moment: no text makes it look twice at everything", () => {
  for (const part of ["[", "{", "[1", '{"a":', '"[', "1 ", "[1] > ", "</think>", "<think>", "Document "])
    readRanking(part.repeat(Math.ceil(400_000 / part.length)), 20);
});
