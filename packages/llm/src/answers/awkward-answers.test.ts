import { HttpError } from "@dheera-ai/core";
import { describe, expect, it, test } from "vitest";

import { explainRefusal } from "../wire/explain-refusal.ts";
import { changeHabits, firstHabits } from "../wire/habits.ts";
import { readStream } from "../wire/read-stream.ts";
import { cutReasoning } from "./cut-reasoning.ts";
import { readGrades } from "./read-grades.ts";
import { readId } from "./read-ids.ts";
import { readRanking } from "./read-ranking.ts";
import { readYesNo } from "./read-yes-no.ts";

const units = 200_000;

function fill(piece: string): string {
  return piece.repeat(Math.ceil(units / piece.length)).slice(0, units);
}

/** What a reader that looks at a place twice looks at a thousand million times. */
const pieces = [
  " ",
  "\n",
  "\t \u00a0",
  "1",
  "1 ",
  "1 , ",
  "1\n\n",
  "[",
  "[1",
  "[ ",
  "[1 ,",
  "]",
  "{",
  '{"',
  '["',
  '{"a":[',
  "[1]",
  '{"ranking":"',
  '"',
  "\\",
  '\\"',
  "<think>",
  "</think>",
  "[THINK]",
  "[/THINK]",
  "<",
  "<|channel|>",
  "Document ",
  "id-",
  "٣",
  "ﷺ",
  "a: ",
  "litellm.a: ",
  "data: ",
  "data: {}\n",
  "system role ",
  "logprobs ",
  "7/",
  "7 / 1",
  "\ud800",
];
/** What stands before and after a run decides where a pattern begins and where it fails. */
const runs = pieces.flatMap((piece) =>
  [
    ["[1", "x"],
    ['{"ranking":"1', '","grades":[{"id":1,"grade":"7'],
  ].map(([before = "", after = ""]) => before + fill(piece) + after),
);

describe("200,000 characters of an awkward kind", () => {
  // A reader that is not linear takes minutes or hours for one of them: the bound is none on the machine's pace.
  it.each([
    ["readRanking", (text: string): unknown => readRanking(text, 20)],
    ["readGrades", (text: string): unknown => readGrades(text, 20)],
    ["cutReasoning", cutReasoning],
    ["readId", readId],
    ["readYesNo", (text: string): unknown => readYesNo([{ token: text, likely: [{ token: text, logprob: -1 }] }])],
    ["readStream", readStream],
    ["explainRefusal", explain],
    ["changeHabits", change],
  ])("are read at once by %s", (_, read) => {
    for (const run of runs) read(run);
    expect(runs).toHaveLength(2 * pieces.length);
  });
});

test("a list of numbers is read whatever spaces stand between them", () => {
  expect(readRanking(`3${" ".repeat(50_000)}1 \n >\t 2`, 3)?.order).toEqual([2, 0, 1]);
});

test("an answer is read from its end on, whatever opens before it", () => {
  expect(readRanking(`${"see [a "}${"{x} [b] ".repeat(300)} {"ranking":[3,1,2]}`, 3)?.order).toEqual([2, 0, 1]);
  expect(readGrades(`${"[".repeat(300)} {"grades":[7,0,10]}`, 3)?.grades).toEqual([7, 0, 10]);
});

test("thoughts in Mistral's brackets are none of the answer", () => {
  expect(readRanking('[THINK]maybe {"ranking":[1,2,3]}[/THINK][3] > [1] > [2]', 3)?.order).toEqual([2, 0, 1]);
  expect(readRanking('[THINK]maybe {"ranking":[1,2,3]}', 3)).toBeUndefined();
});

function explain(text: string): unknown {
  const body = { error: { message: text, code: text, type: text, innererror: { code: text } } };
  return explainRefusal(
    new HttpError({ status: 400, headers: new Headers(), body }, undefined, "http://x"),
    "m",
    "word",
  );
}

function change(text: string): unknown {
  const habits = firstHabits({ responseFormat: "auto" }, false);
  return changeHabits({ habits, sent: new Set(["logprobs"]), body: text }, { responseFormat: "auto" }, false);
}
