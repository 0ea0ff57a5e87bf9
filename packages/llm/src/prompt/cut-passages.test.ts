import { cautiousTokens } from "@dheera-ai/core/provider-utils";
import type { ScoreParams } from "@dheera-ai/core";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";

import { parseOptions } from "../options/parse-options.ts";
import { cutPassages } from "./cut-passages.ts";
import { judgingPrompt, rankingPrompt } from "./prompts.ts";

const { signal } = new AbortController();

function cut(documents: readonly string[], given: object = {}, params: ScoreParams = {}, query: string = "q") {
  const options = parseOptions({ ...given }, "m");
  return { options, ...cutPassages({ query, documents, params, providerOptions: {}, signal }, options) };
}

describe("passages", () => {
  it("are cut to so many words, and those that were cut are named", () => {
    const { texts, truncated } = cut(["one two  three four", "one two"], { max_words: 3 });
    expect(texts).toEqual(["one two  three ", "one two"]);
    expect(truncated).toEqual([0]);
  });

  it("keep their end where the caller wants that, and all of it where the caller wants refusals", () => {
    expect(cut(["one two three"], { max_words: 2 }, { truncationDirection: "left" }).texts).toEqual([" two three"]);
    expect(cut(["one two three"], { max_words: 2 }, { truncate: false })).toMatchObject({
      texts: ["one two three"],
      truncated: [],
    });
  });

  it("count signs of scripts without spaces, and what has no spaces at all", () => {
    expect(cut(["日本語の文章"], { max_words: 3 }).texts).toEqual(["日本語"]);
    expect(cut(["x".repeat(1_000_000)], { max_words: 3 }).texts).toEqual(["x".repeat(60)]);
  });

  it.each([
    ["signs of control", "\u0001"],
    ["spaces", " "],
    ["lines", " \n"],
  ])("are bounded where they are %s", (_, sign) => {
    const { texts, truncated } = cut([`a${sign.repeat(200_000)}b`], { max_words: 300 });
    expect(JSON.stringify(texts[0]).length).toBeLessThan(300 * 20 * 6 + 100);
    expect(truncated).toEqual([0]);
  });

  it("have as many tokens as the caller allows", () => {
    const { texts, truncated } = cut(["word ".repeat(100), "short"], {}, { maxTokensPerDocument: 20 });
    expect(cautiousTokens(JSON.stringify(texts[0]))).toBeLessThanOrEqual(20);
    expect(texts[0]?.length).toBeGreaterThan(40);
    expect(truncated).toEqual([0]);
  });

  it("leave their share of the context to longer ones", () => {
    const long = "word ".repeat(280);
    const { texts } = cut([long, "short", "short", "short"], { context_window: 1_024, max_output_tokens: 256 });
    const { texts: four } = cut([long, long, long, long], { context_window: 1_024, max_output_tokens: 256 });
    expect(texts.slice(1)).toEqual(["short", "short", "short"]);
    expect(texts[0]?.length).toBeGreaterThan(2 * (four[0]?.length ?? 0));
  });

  it("are refused beside a query that leaves no room for them", () => {
    expect(() => cut(Array<string>(20).fill("some words"), { context_window: 1_024 }, {}, "word ".repeat(500))).toThrow(
      expect.objectContaining({
        code: "invalid_request",
        param: "query",
        message: expect.stringContaining("context_window (1024)"),
      }),
    );
  });

  test("never make a prompt that is longer than the context, and never halve a character", () => {
    const document = fc.oneof(
      fc
        .array(fc.constantFrom("word ", "Zürich ", "日本", "🦉", '"\\\n', "<|x|>", "0x1f "), { maxLength: 400 })
        .map((parts) => parts.join("")),
      fc.string({ unit: "grapheme", maxLength: 500 }),
    );
    fc.assert(
      fc.property(
        fc.array(document, { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 2_048, max: 8_192 }),
        fc.boolean(),
        (documents, context_window, fromEnd) => {
          const { texts, truncated, options } = cut(
            documents,
            { context_window, max_words: 1_000 },
            { truncationDirection: fromEnd ? "left" : "right" },
          );
          const prompt = rankingPrompt(
            { query: "q", instruction: undefined, documents: texts },
            options,
            "json_schema",
          );
          if (!("user" in prompt)) throw new Error("this is no chat");
          const tokens = cautiousTokens(prompt.system) + cautiousTokens(prompt.user) + options.maxOutputTokens;
          expect(tokens).toBeLessThanOrEqual(context_window);
          for (const [index, text] of texts.entries()) {
            expect(documents[index]).toContain(text);
            expect(text.isWellFormed()).toBe(true);
            expect(truncated.includes(index)).toBe(text !== documents[index]);
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it("fit into the context of a prompt for one document as well", () => {
    const { texts, options } = cut(["word ".repeat(5_000)], {
      mode: "pointwise",
      context_window: 600,
      max_words: 10_000,
    });
    const prompt = judgingPrompt({ query: "q", instruction: undefined, documents: texts }, options);
    if (!("user" in prompt)) throw new Error("this is no chat");
    expect(cautiousTokens(prompt.system) + cautiousTokens(prompt.user)).toBeLessThan(600);
    expect(texts[0]?.length).toBeGreaterThan(500);
  });
});
