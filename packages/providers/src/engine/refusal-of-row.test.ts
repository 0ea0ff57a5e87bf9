import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { learnedFrom } from "./refusal-of-row.ts";
import type { RowRefusal } from "./row.ts";

const refusals: readonly RowRefusal[] = [
  { after: "allowed tokens per submitted batch is", learns: "tokens_per_call" },
  { after: "at most", learns: "documents_per_call" },
];
const sentence = "The max allowed tokens per submitted batch is 100000. Your batch has 145736 tokens after truncation";

describe("a refusal", () => {
  it.each([
    [{ detail: sentence }],
    [{ message: sentence }],
    [{ error: { message: sentence } }],
    [{ error: sentence }],
    [{ detail: { error: sentence } }],
    [{ detail: [{ msg: sentence, loc: ["body"] }] }],
    [{ errors: [{ message: sentence }] }],
    [sentence],
  ])("teaches the number that follows a known text, wherever services put it", (body) => {
    expect(learnedFrom(body, refusals)).toEqual({ tokensPerCall: 100_000 });
  });

  it.each([
    ["at most 1,000 documents", { documentsPerCall: 1_000 }],
    ["at most: 64", { documentsPerCall: 64 }],
    ["at most 0", undefined],
    ["at most 99999999999999999999", undefined],
    ["at most as many as you like, say 3 or 64 of them", undefined],
    ["too many", undefined],
    [`${" ".repeat(4_000)}at most 3`, undefined],
  ])("%j teaches %j", (detail, learned) => {
    expect(learnedFrom({ detail }, refusals)).toEqual(learned);
  });

  it("that is anything else teaches nothing", () => {
    fc.assert(fc.property(fc.json(), (body) => learnedFrom(JSON.parse(body), refusals) === undefined));
  });
});
