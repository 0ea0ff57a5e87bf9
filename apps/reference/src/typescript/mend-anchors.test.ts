import { expect, it } from "vitest";

import { mendAnchors } from "./mend-anchors.ts";

it("keeps a counted anchor where there are two such headings, and takes the first where there is one", () => {
  const pages = new Map([
    ["a.md", "### Score\n\n### score()\n\n[one](#score-1) [other](b.md#reply-1) [row](b.md#property-x)"],
    ["b.md", '### Reply\n\n| <a id="property-x"></a> x |'],
  ]);
  expect(mendAnchors(pages).get("a.md")).toContain("[one](#score-1) [other](b.md#reply) [row](b.md#property-x)");
});

it("refuses a link that leads nowhere", () => {
  expect(() => mendAnchors(new Map([["a.md", "[gone](#gone)"]]))).toThrow("a.md links to #gone, which is not there");
});
