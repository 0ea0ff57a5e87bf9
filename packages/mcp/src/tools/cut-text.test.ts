import fc from "fast-check";
import { expect, it } from "vitest";

import { cutLine, cutText } from "./cut-text.ts";

const texts = fc
  .array(fc.constantFrom("a", "🙂", "é", " ", "\n", "   ", "long"), { maxLength: 40 })
  .map((parts) => parts.join(""));
const limits = fc.integer({ min: 1, max: 30 });

it("leaves a text that is short enough as it is, and ends the beginning of another with …", () => {
  fc.assert(
    fc.property(texts, limits, (text, most) => {
      expectBeginning(cutText(text, most), text, most);
    }),
  );
});

it("does the same with a text in one line", () => {
  fc.assert(
    fc.property(texts, limits, (text, most) => {
      expectBeginning(cutLine(text, most), text.replaceAll(/\s+/g, " ").trim(), most);
    }),
  );
});

function expectBeginning(cut: string, whole: string, most: number): void {
  if (whole.length <= most) return expect(cut).toBe(whole);
  expect(cut.isWellFormed()).toBe(true);
  expect(cut.length).toBeLessThanOrEqual(most);
  expect(cut.endsWith("…")).toBe(true);
  expect(whole.startsWith(cut.slice(0, -1))).toBe(true);
  // No more than half of a character is lost to the bound.
  expect(cut.length).toBeGreaterThanOrEqual(most - 1);
}
