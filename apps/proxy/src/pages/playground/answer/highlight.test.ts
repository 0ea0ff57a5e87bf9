import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { highlight, wordsOf } from "./highlight.ts";

function hits(query: string, text: string): readonly string[] {
  return highlight(text, wordsOf(query)).flatMap((segment) => (segment.isHit ? [segment.text] : []));
}

describe("highlight", () => {
  it("marks the query's words, with another ending, case or accent too, and no empty words", () => {
    expect(hits("When does the Library close?", "The library does not close; LIBRARY closes.")).toEqual([
      "library",
      "close",
      "LIBRARY",
      "closes",
    ]);
    expect(hits("cafe", "Das Café")).toEqual(["Café"]);
  });

  it("marks short words where the query has no other, and numbers always", () => {
    expect(hits("is it", "It is so")).toEqual(["It", "is"]);
    expect(hits("error 42", "42 of 420")).toEqual(["42"]);
  });

  it("marks words of languages without spaces", () => {
    expect(hits("東京", "東京は日本の首都です")).toEqual(["東京"]);
  });

  it("changes nothing of the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), (query, text) => {
        expect(
          highlight(text, wordsOf(query))
            .map((segment) => segment.text)
            .join(""),
        ).toBe(text);
      }),
    );
  });
});
