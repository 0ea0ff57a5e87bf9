import { type ParamKind, type ParamSpec, deploymentParams } from "@dheera-ai/core";
import * as v from "valibot";
import { describe, expect, it } from "vitest";

import { type ParamMeanings, modelParams, namesWithoutEffect } from "./deployment-params.ts";

const examples: Readonly<Record<string, readonly [right: unknown, wrong: unknown]>> = {
  text: ["bm25/default", 1],
  number: [0.5, "soon"],
  count: [2, 1.5],
  flag: [true, "maybe"],
  headers: [{ "x-team": "search" }, { "x-team": 1 }],
  record: [{ any: 1 }, "any"],
  diversify: [{ method: "mmr", lambda: 0.5 }, { lambda: 2 }],
  shadow: [
    { model: "other", sample: 0.5 },
    { model: "other", sample: 2 },
  ],
  calibration: [{ method: "platt", slope: 1, intercept: 0, score_kind: "logit" }, "learned.json"],
};

describe("modelParams", () => {
  it.each(Object.entries<ParamSpec>(deploymentParams))("checks %s as core's table says", (name, { kind }) => {
    const [right, wrong] = examplesOf(kind);
    const check = (value: unknown): unknown => v.safeParse(modelParams, { model: "bm25/default", [name]: value });
    expect(check(right)).toMatchObject({ success: true, output: { [name]: right } });
    expect(check(wrong)).toMatchObject({ success: false });
  });

  it("needs a model, and passes on keys that core does not read", () => {
    expect(v.safeParse(modelParams, { timeout: 1 }).success).toBe(false);
    expect(v.parse(modelParams, { model: "acme/m", region: "eu" })).toEqual({ model: "acme/m", region: "eu" });
  });

  it("does not compile with a misspelt parameter, nor with a parameter that is ignored although core reads it", () => {
    // @ts-expect-error the parameter is called hedge
    const meanings: Partial<ParamMeanings> = { hegde: "Send a straggling batch a second time." };
    // @ts-expect-error core reads hedge
    const ignored = namesWithoutEffect(["tpm", "hedge"]);
    // @ts-expect-error every parameter needs a meaning
    const incomplete: ParamMeanings = { model: "Provider and model." };
    expect([meanings, ignored, incomplete]).toHaveLength(3);
    expect(namesWithoutEffect(["tpm"])).toEqual(["tpm"]);
  });
});

function examplesOf(kind: ParamKind): readonly [right: unknown, wrong: unknown] {
  return (typeof kind === "string" ? examples[kind] : [kind[0], "none of them"]) ?? [undefined, undefined];
}
