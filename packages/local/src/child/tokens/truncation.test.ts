import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { cut, shareRoom } from "./truncation.ts";

const length = fc.nat(300);
const room = fc.integer({ min: 1, max: 130 });

describe("the room of a pair", () => {
  it("is never exceeded, and nothing is cut that fits", () => {
    fc.assert(
      fc.property(length, length, room, (query, document, most) => {
        const shares = shareRoom(query, document, most);
        expect(shares.query).toBeLessThanOrEqual(query);
        expect(shares.document).toBeLessThanOrEqual(document);
        expect(shares.query + shares.document).toBe(Math.min(query + document, most));
      }),
    );
  });

  it("is taken from the document alone while a token of it stays", () => {
    fc.assert(
      fc.property(length, length, room, (query, document, most) => {
        fc.pre(query < most);
        expect(shareRoom(query, document, most).query).toBe(query);
      }),
    );
  });

  it.each([
    { query: 200, document: 200, most: 125, shares: { query: 62, document: 63 } },
    { query: 201, document: 200, most: 125, shares: { query: 63, document: 62 } },
    { query: 200, document: 0, most: 125, shares: { query: 125, document: 0 } },
    { query: 125, document: 1, most: 125, shares: { query: 124, document: 1 } },
    { query: 124, document: 5, most: 125, shares: { query: 124, document: 1 } },
  ])(
    "of $most is shared between $query and $document as Python's tokenizers do",
    ({ query, document, most, shares }) => {
      expect(shareRoom(query, document, most)).toEqual(shares);
    },
  );
});

describe("a cut", () => {
  it("keeps the first or the last tokens", () => {
    expect(cut([1, 2, 3], 2, "right")).toEqual([1, 2]);
    expect(cut([1, 2, 3], 2, "left")).toEqual([2, 3]);
    expect(cut([1, 2, 3], 0, "left")).toEqual([]);
    expect(cut([1, 2, 3], 3, "left")).toEqual([1, 2, 3]);
  });
});
