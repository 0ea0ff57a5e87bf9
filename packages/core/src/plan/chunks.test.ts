import fc from "fast-check";
import { expect, it } from "vitest";

import { parseRequest } from "../request/parse-request.ts";
import { sliceWellFormed } from "./slice-well-formed.ts";
import { splitIntoChunks } from "./chunks.ts";

const anyText = fc.oneof(
  fc.array(fc.constantFrom("word", "longerword", "a", " ", "\n"), { maxLength: 400 }).map((parts) => parts.join(" ")),
  fc.array(fc.constantFrom("界", "😀", "x"), { maxLength: 800 }).map((parts) => parts.join("")),
);

it("leaves no character of a document out, unless the number of chunks is limited", () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 20, max: 120 }), (text, tokens) => {
      const request = parseRequest({ model: "m", query: "q", documents: [text], max_chunks_per_doc: 10_000 });
      const { texts } = splitIntoChunks(request, tokens);
      let covered = 0;
      for (const chunk of texts) {
        const start = text.lastIndexOf(chunk, covered);
        expect(start).toBeGreaterThanOrEqual(0);
        expect(start).toBeLessThanOrEqual(covered);
        covered = Math.max(covered, start + chunk.length);
      }
      expect(covered).toBe(text.length);
    }),
    { numRuns: 300 },
  );
});

it("makes no half characters", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary", maxLength: 60 }),
      fc.nat({ max: 60 }),
      fc.nat({ max: 60 }),
      (text, start, end) => {
        expect(sliceWellFormed(text, Math.min(start, text.length), Math.min(end, text.length)).isWellFormed()).toBe(
          true,
        );
      },
    ),
  );
});

it("stops at the limit and says which documents it cut", () => {
  const request = parseRequest({
    model: "m",
    query: "q",
    documents: ["short", "long ".repeat(2_000)],
    max_chunks_per_doc: 3,
  });
  const { texts, documentIndices, warnings } = splitIntoChunks(request, 100);
  expect(texts).toHaveLength(4);
  expect(documentIndices).toEqual(Int32Array.of(0, 1, 1, 1));
  expect(warnings).toEqual([expect.stringContaining("documents 1 were")]);
});

it("keeps the end of a document that is to be cut on the left", () => {
  const request = parseRequest({
    model: "m",
    query: "q",
    documents: [`${"begin ".repeat(100)}end`],
    max_tokens_per_doc: 2,
    truncation_direction: "left",
  });
  expect(splitIntoChunks(request, 100).texts).toEqual(["egin end"]);
});
