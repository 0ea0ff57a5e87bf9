import { expect, it } from "vitest";

import { scoredText } from "./scored-text.ts";

it.each([
  ["a text", "a text"],
  [{ text: "a text", year: 1999 }, "a text"],
  [{ title: "Hours", year: 1999, tags: ["a"], gone: null }, 'title: Hours\nyear: 1999\ntags: ["a"]'],
  [{ title: "Hours" }, "Hours"],
  [{ year: 1999, gone: null }, "1999"],
])("of %j models read %j", (document, text) => {
  expect(scoredText(document)).toBe(text);
});
