import { DheeraError, type ScoreCall, type Scorer, type ScoreResult } from "@dheera-ai/core";
import { testProvider, testTarget } from "@dheera-ai/core/testing";
import { describe, expect, test } from "vitest";

import { bm25 } from "./bm25.ts";
import type { Bm25Options } from "./parse-options.ts";

testProvider({ provider: bm25(), model: "default" }, { describe, test });

const question = "What is the capital of the United States?";
const answers = [
  "Carson City is the capital city of the American state of Nevada.",
  "The Commonwealth of the Northern Mariana Islands is a group of islands in the Pacific Ocean. Its capital is Saipan.",
  "Washington, D.C. is the capital of the United States.",
  "Capital punishment has existed in the United States since before it was a country.",
];

describe("bm25/default", () => {
  test("ranks Washington, D.C. first for the capital of the United States", async () => {
    expect(await ranking(question, answers)).toEqual([2, 3, 0, 1]);
  });

  test("says that no tokens were used, for clients that need a figure", async () => {
    expect((await score(question, answers)).usage).toEqual({ inputTokens: 0 });
  });

  test("says that it asks no server, where an address was given", async () => {
    const { signal } = new AbortController();
    const asked = bm25().connect(testTarget({ model: "default", apiBase: "http://localhost:4000" }));
    expect((await asked.profile(signal)).warnings).toEqual([
      "bm25 ranks in this process: api_base had no effect; to ask a proxy, name a model that the proxy has",
    ]);
    const own = bm25().connect(testTarget({ model: "default" }));
    expect((await own.profile(signal)).warnings).toBeUndefined();
  });

  test("scores 0 where no word of the query occurs", async () => {
    expect(await scoresOf("volcano", answers)).toEqual([0, 0, 0, 0]);
    const [matching, other] = await scoresOf("Saipan", [answers[1] ?? "", answers[0] ?? ""]);
    expect(matching).toBeGreaterThan(0);
    expect(other).toBe(0);
  });

  test("scores 0 for an empty query and for empty documents", async () => {
    expect(await scoresOf("", answers)).toEqual([0, 0, 0, 0]);
    expect(await scoresOf("capital", ["", " ", "..."])).toEqual([0, 0, 0]);
  });

  test("finds a word in another form, with other accents and in capital letters", async () => {
    const [same, other] = await scoresOf("resumes", ["Résumé", "Assume"]);
    expect(same).toBeGreaterThan(0);
    expect(other).toBe(0);
  });

  test("prefers a rare word to a common one", async () => {
    expect(await ranking("common rare", ["common common", "rare", "common", "common"])).toEqual([1, 0, 2, 3]);
  });

  test("prefers the shorter of two documents with the same words", async () => {
    expect(await ranking("fox", ["the fox lives behind distant mountains", "fox"])).toEqual([1, 0]);
  });

  test("scores documents with the same words in another order the same", async () => {
    const query = "alpha beta gamma delta epsilon zeta";
    const [forwards, backwards] = await scoresOf(query, [query, query.split(" ").toReversed().join(" "), "eta"]);
    expect(forwards).toBe(backwards);
  });

  test("still ranks when the query holds nothing but stop words", async () => {
    expect(await ranking("who are you", ["it is what it is", "who are you"])).toEqual([1, 0]);
  });

  test("counts a word the query names twice twice", async () => {
    const [once] = await scoresOf("fox", ["fox", "bear"]);
    const [twice] = await scoresOf("fox fox", ["fox", "bear"]);
    expect(twice).toBeCloseTo(2 * (once ?? 0), 12);
  });

  test("weighs a word that is rare in its language more, where the documents have both words as often", async () => {
    const documents = ["people", "aerofoil"];
    const [common = 0, rare = 0] = await scoresOf("people aerofoil", documents);
    expect(rare).toBeGreaterThan(1.5 * common);
    const [leute = 0, pleuel = 0] = await scoresOf("Leute Pleuel", ["Leute", "Pleuel"], { language: "german" });
    expect(pleuel).toBeGreaterThan(1.5 * leute);
    for (const options of [{ background: false }, { language: "none" }] as const) {
      const [one, other] = await scoresOf("people aerofoil", documents, options);
      expect(one).toBe(other);
    }
  });

  test("computes Okapi BM25, without the background", async () => {
    const [long, short] = await scoresOf("apple", ["apple banana cherry apple", "apple"], {
      background: false,
      k1: 1.5,
      b: 0.5,
    });
    const rarity = Math.log(1 + (2 - 2 + 0.5) / (2 + 0.5));
    expect(long).toBeCloseTo((rarity * 2 * 2.5) / (2 + 1.5 * (1 - 0.5 + (0.5 * 4) / 2.5)), 12);
    expect(short).toBeCloseTo((rarity * 1 * 2.5) / (1 + 1.5 * (1 - 0.5 + (0.5 * 1) / 2.5)), 12);
  });

  test("segments scripts that are written without spaces", async () => {
    expect(await ranking("文章", ["これは写真です", "日本語の文章です"])).toEqual([1, 0]);
    expect(await ranking("ภาษา", ["อาหาร", "ภาษาไทยง่าย"])).toEqual([1, 0]);
  });

  test("is listwise, because how rare a word is depends on all documents", async () => {
    expect(await connect().profile(new AbortController().signal)).toMatchObject({
      scoring: "listwise",
      scoreKind: "unknown",
    });
    const [among] = await scoresOf("fox", ["fox", "bear", "wolf"]);
    const [alone] = await scoresOf("fox", ["fox"]);
    expect(among).not.toBe(alone);
  });

  test("says which parameters have no effect", async () => {
    const result = await score("fox", ["fox"], { params: { instruction: "prefer bears", maxTokensPerDocument: 10 } });
    expect(result.warnings).toEqual([
      "bm25 counts words and has no use for instruction",
      "bm25 counts words and has no use for max_tokens_per_doc",
    ]);
    expect((await score("fox", ["fox"])).warnings).toEqual([]);
  });

  test("is the only model of bm25", () => {
    expect(() => bm25().connect(testTarget({ model: "large" }))).toThrow(
      expect.objectContaining({ code: "model_not_found" }),
    );
  });
});

describe("options", () => {
  test("come from the factory, and from the deployment where it has them", async () => {
    const provider = bm25({ language: "german", k1: 2 });
    const { fingerprint } = await provider
      .connect(testTarget({ model: "default", options: { k1: 1 } }))
      .profile(new AbortController().signal);
    expect(fingerprint).toBe("bm25/default 2 german background=true k1=1 b=0.75");
  });

  test("choose the language's stemmer and stop words", async () => {
    const [german, english] = [
      await scoresOf("Häuser", ["Haus", "Hof"], { language: "german" }),
      await scoresOf("Häuser", ["Haus", "Hof"]),
    ];
    expect(german[0]).toBeGreaterThan(0);
    expect(english[0]).toBe(0);
  });

  test.each([
    { options: { k1: -1 }, message: "k1 must be a number from 0 on" },
    { options: { k1: Number.POSITIVE_INFINITY }, message: "k1 must be a number from 0 on" },
    { options: { k1: "1.2" }, message: "k1 must be a number from 0 on" },
    { options: { background: "no" }, message: "background must be true or false" },
    { options: { b: 1.5 }, message: "b must be a number from 0 to 1" },
    { options: { language: "klingon" }, message: "language must be one of none, arabic" },
    { options: { language: "toString" }, message: "language must be one of none, arabic" },
  ])("refuses $options", ({ options, message }) => {
    const refusal = expect.objectContaining({
      code: "invalid_request",
      param: Object.keys(options)[0],
      message: expect.stringContaining(message),
    });
    expect(() => bm25().connect(testTarget({ model: "default", options }))).toThrow(refusal);
  });

  test("ignore unknown options", () => {
    expect(() => bm25().connect(testTarget({ model: "default", options: { tags: ["free"] } }))).not.toThrow();
  });
});

describe("long work", () => {
  const documents = Array.from(
    { length: 10_000 },
    (_, index) => `${"the quick brown fox jumps over the lazy dog ".repeat(23)} ${index}`,
  );

  test("yields to other work on the event loop", async () => {
    let turns = 0;
    const count = (): void => {
      turns++;
      next = setImmediate(count);
    };
    let next = setImmediate(count);
    await score("fox 42", documents);
    clearImmediate(next);
    // 10 MB in turns of 16 kB.
    expect(turns).toBeGreaterThan(500);
  });

  test("yields to other work within one very long document and query", async () => {
    let turns = 0;
    const count = (): void => {
      turns++;
      next = setImmediate(count);
    };
    let next = setImmediate(count);
    await score("fox ".repeat(250_000), ["fox ".repeat(250_000)]);
    clearImmediate(next);
    expect(turns).toBeGreaterThan(100);
  });

  test("ends with the signal's reason when it is aborted", async () => {
    const controller = new AbortController();
    const outcome = score("fox", documents, { signal: controller.signal });
    setImmediate(() => controller.abort(new DheeraError("timeout", "too late")));
    await expect(outcome).rejects.toMatchObject({ code: "timeout" });
  });
});

function connect(options: Bm25Options = {}): Scorer {
  return bm25(options).connect(testTarget({ model: "default" }));
}

function score(
  query: string,
  documents: readonly string[],
  call: Partial<ScoreCall> = {},
  options: Bm25Options = {},
): Promise<ScoreResult> {
  return connect(options).score({
    query,
    documents,
    params: {},
    providerOptions: {},
    signal: new AbortController().signal,
    ...call,
  });
}

async function scoresOf(
  query: string,
  documents: readonly string[],
  options: Bm25Options = {},
): Promise<readonly number[]> {
  const { scores } = await score(query, documents, {}, options);
  return scores.toSorted((one, other) => one.index - other.index).map((entry) => entry.score);
}

async function ranking(query: string, documents: readonly string[]): Promise<readonly number[]> {
  const { scores } = await score(query, documents);
  return scores.toSorted((one, other) => other.score - one.score || one.index - other.index).map(({ index }) => index);
}
