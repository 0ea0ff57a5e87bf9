import { describe, expect, it } from "vitest";

import { createDheera } from "../dheera.ts";
import { pointwise, scriptedProvider } from "../fixtures/scripted-provider.ts";
import { parseRequest } from "./parse-request.ts";

const minimal = { model: "m", query: "q", documents: ["a", "b", "c"] };

function warningsOf(more: object): readonly string[] {
  return parseRequest({ ...minimal, ...more }).warnings;
}

describe("a field that nothing reads", () => {
  it.each([
    ["topN", "top_n"],
    ["top-n", "top_n"],
    ["topk", "top_k"],
    ["return_document", "return_documents"],
    ["returnDocuments", "return_documents"],
    ["max_chunk_per_doc", "max_chunks_per_doc"],
    ["raw_score", "raw_scores"],
    ["limit", "top_n"],
    ["score_threshold", "min_score"],
  ])("is named with the nearest that exists: %s", (name, meant) => {
    expect(warningsOf({ [name]: 1 })).toEqual([`unknown field ${name} had no effect; did you mean ${meant}?`]);
  });

  it("is named alone where nothing is near, and not at all where it is absent", () => {
    expect(warningsOf({ flavour: "sweet", topN: null, seed: undefined })).toEqual([
      "unknown field flavour had no effect",
    ]);
  });

  it("is repeated only where it looks like a name", () => {
    for (const name of ["x".repeat(41), "sk secret", "a\nb", "<script>"])
      expect(warningsOf({ [name]: 1 })).toEqual(["an unknown field had no effect"]);
  });

  it("is passed over where known clients send it to every server", () => {
    expect(warningsOf({ user: "u", metadata: {}, priority: 0, litellm_call_id: "x", stream: false })).toEqual([]);
  });

  it("costs no more than a few warnings, however many there are", () => {
    const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`top_${index}`, 1]));
    const warnings = warningsOf(many);
    expect(warnings).toHaveLength(6);
    expect(warnings.at(-1)).toBe("and other unknown fields had no effect");
  });

  it("reaches the caller in meta.warnings", async () => {
    const dheera = createDheera({
      providers: [scriptedProvider(undefined, { ...pointwise, warnings: ["of the model"] })],
      model_list: [{ model_name: "m", dheera_ai_params: { model: "scripted/m" } }],
    });
    const { meta } = await dheera.rerank(Object.assign({ topN: 2 }, minimal));
    expect(meta.warnings).toEqual(["unknown field topN had no effect; did you mean top_n?", "of the model"]);
  });
});

describe("top_k", () => {
  it("is another name of top_n", () => {
    expect([warningsOf({ top_k: 2 }), parseRequest({ ...minimal, top_k: 2 }).topN]).toEqual([[], 2]);
    expect(parseRequest({ ...minimal, top_k: 2, top_n: 2 }).topN).toBe(2);
  });

  it("gives way to it where the two differ, and the answer says so", () => {
    expect(parseRequest({ ...minimal, top_k: 2, top_n: 1 })).toMatchObject({
      topN: 1,
      warnings: ["top_k had no effect: it is another name of top_n, which is given too"],
    });
  });
});

describe("truncate", () => {
  it.each([
    ["NONE", { truncate: false, truncationDirection: undefined }],
    ["START", { truncate: true, truncationDirection: "left" }],
    ["END", { truncate: true, truncationDirection: "right" }],
    ["end", { truncate: true, truncationDirection: "right" }],
    ["True", { truncate: true, truncationDirection: undefined }],
    [false, { truncate: false, truncationDirection: undefined }],
  ])("means what its speakers mean: %s", (truncate, params) => {
    expect(parseRequest({ ...minimal, truncate }).params).toMatchObject(params);
  });

  it.each([
    ["END", "left", "right"],
    ["START", "Right", "left"],
  ])(
    "%s wins over a truncation_direction of %s, and says so",
    (truncate, truncation_direction, truncationDirection) => {
      const { params, warnings } = parseRequest({ ...minimal, truncate, truncation_direction });
      expect(params).toMatchObject({ truncate: true, truncationDirection });
      expect(warnings).toEqual(["truncation_direction had no effect: truncate names the other end, and wins"]);
    },
  );

  it("says nothing of a truncation_direction that names the same end", () => {
    expect(parseRequest({ ...minimal, truncate: "END", truncation_direction: "right" }).warnings).toEqual([]);
  });

  it("is refused with the words there are", () => {
    expect(() => parseRequest({ ...minimal, truncate: "MIDDLE" })).toThrow(
      /truncate: must be true or false, or one of NONE, START and END/,
    );
  });
});

describe("numbers as texts", () => {
  it("are numbers", () => {
    expect(parseRequest({ ...minimal, top_n: "2", timeout: "20.5", max_chunks_per_doc: "3" })).toMatchObject({
      topN: 2,
      timeout: 20.5,
      maxChunksPerDocument: 3,
    });
  });

  it.each([
    [{ top_n: "0" }, "top_n: must be a whole number, at least 1"],
    [{ top_n: "two" }, "top_n: must be a whole number, at least 1"],
    [{ top_n: "1e3" }, "top_n: must be a whole number, at least 1"],
    [{ top_n: [] }, "top_n: must be a whole number, at least 1"],
    [{ timeout: "0.0" }, "timeout: must be a number of seconds, at least 0.001"],
    [{ timeout: "Infinity" }, "timeout: must be a number of seconds, at least 0.001"],
    [{ timeout: 0 }, "timeout: must be at least 0.001"],
    [{ timeout: "0.0009" }, "timeout: must be a number of seconds, at least 0.001"],
  ])("are refused where they say none: %j", (more, message) => {
    expect(() => parseRequest({ ...minimal, ...more })).toThrow(message);
  });
});
