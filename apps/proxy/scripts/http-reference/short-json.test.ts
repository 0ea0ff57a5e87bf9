import * as fc from "fast-check";
import { expect, it } from "vitest";

import { shortJson } from "./short-json.ts";

it("keeps what fits in one line, and lets short fields share lines", () => {
  expect(shortJson({ a: 1, b: [], c: { d: null } })).toBe('{ "a": 1, "b": [], "c": { "d": null } }');
  const long = "x".repeat(80);
  expect(shortJson({ first: 1, second: true, long, list: [{ long }, { long }] }).split("\n")).toEqual([
    "{",
    '  "first": 1, "second": true,',
    `  "long": "${long}",`,
    '  "list": [',
    `    { "long": "${long}" },`,
    `    { "long": "${long}" }`,
    "  ]",
    "}",
  ]);
});

it("says the same as the value", () => {
  fc.assert(
    fc.property(fc.json({ stringUnit: "grapheme" }), (text) => {
      expect(JSON.parse(shortJson(JSON.parse(text)))).toEqual(JSON.parse(text));
    }),
  );
});
