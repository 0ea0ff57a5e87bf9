import { deflateRawSync } from "node:zlib";

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { readFragment, writeFragment } from "./link.ts";

describe("a link", () => {
  it("gives back the form that it was made of", async () => {
    const states = fc.record({
      query: fc.string({ unit: "grapheme" }),
      documents: fc.string({ unit: "grapheme" }),
      model: fc.string(),
      rawScores: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(states, async (state) => {
        const fragment = await writeFragment(state);
        expect(fragment).toMatch(/^#state=[\w-]+$/);
        expect(await readFragment(fragment ?? "")).toEqual(state);
      }),
    );
  });

  it("is not made where the documents are too many for one", async () => {
    const documents = Array.from({ length: 5_000 }, (_, index) => String(Math.sin(index))).join("\n");
    expect(await writeFragment({ query: "which?", documents })).toBeUndefined();
  });

  it.each([
    ["no state", "#content"],
    ["a state that is cut", "#state=q1YqLE0tqlS"],
    ["what is no base64", "#state=%%%"],
    ["another form", `#state=${deflateRawSync(JSON.stringify({ query: 1 })).toString("base64url")}`],
    ["a text that unfolds to more than 4 MB", `#state=${bomb()}`],
  ])("with %s is none", async (_, fragment) => {
    expect(await readFragment(fragment)).toBeUndefined();
  });
});

function bomb(): string {
  return deflateRawSync(JSON.stringify({ query: "a", documents: "a".repeat(5_000_000) })).toString("base64url");
}
