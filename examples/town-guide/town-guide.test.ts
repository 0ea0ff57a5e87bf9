import { readFileSync } from "node:fs";
import { join } from "node:path";

import * as v from "valibot";
import { describe, expect, it } from "vitest";

const text = v.pipe(v.string(), v.trim(), v.nonEmpty());
const documents = lines("corpus.jsonl").map((line) =>
  v.parse(v.strictObject({ _id: text, title: text, text }), JSON.parse(line)),
);
const queries = lines("queries.jsonl").map((line) => v.parse(v.strictObject({ _id: text, text }), JSON.parse(line)));
const [header, ...rows] = lines("qrels/test.tsv");
const judgements = rows.map((row) => {
  const [query, document, grade] = v.parse(v.strictTuple([text, text, v.picklist(["0", "1", "2"])]), row.split("\t"));
  return { query, document, grade: Number(grade) };
});

describe("the town guide, a collection to measure with", () => {
  it("has at least 300 documents of 40 to 110 words, 40 queries and 400 judgements", () => {
    expect(documents.length).toBeGreaterThanOrEqual(300);
    expect(documents.filter((document) => outside(words(document.text), 40, 110)).map(({ _id }) => _id)).toEqual([]);
    expect(queries.length).toBeGreaterThanOrEqual(40);
    expect(judgements.length).toBeGreaterThanOrEqual(400);
    expect(header).toBe("query-id\tcorpus-id\tscore");
  });

  it("has nothing twice", () => {
    expectUnlike(documents.map(({ _id }) => _id));
    expectUnlike(documents.map(({ title }) => title));
    expectUnlike(documents.map((document) => document.text));
    expectUnlike(queries.map(({ _id }) => _id));
    expectUnlike(queries.map((query) => query.text));
    expectUnlike(judgements.map(({ query, document }) => `${query} ${document}`));
  });

  it("has no document that is made from a template: no two share half of their runs of three words", () => {
    const seen = new Map<string, number>();
    const shared = new Map<string, number>();
    for (const [number, document] of documents.entries())
      for (const run of runsOf(document.text)) {
        const before = seen.get(run);
        if (before === undefined) seen.set(run, number);
        else shared.set(`${before} ${number}`, (shared.get(`${before} ${number}`) ?? 0) + 1);
      }
    expect(Math.max(...shared.values())).toBeLessThan(20);
  });

  it("judges documents and queries that there are", () => {
    const known = new Set(documents.map(({ _id }) => _id));
    const asked = new Set(queries.map(({ _id }) => _id));
    expect(judgements.filter(({ query, document }) => !asked.has(query) || !known.has(document))).toEqual([]);
  });

  it("has for each query at least eight judgements, among them an answer and pages that are none", () => {
    for (const { _id } of queries) {
      const grades = judgements.filter(({ query }) => query === _id).map(({ grade }) => grade);
      expect(grades.length, _id).toBeGreaterThanOrEqual(8);
      expect(grades, _id).toContain(2);
      expect(grades, _id).toContain(0);
    }
  });

  it("says in its README how much there is", () => {
    const readme = readFileSync(join(import.meta.dirname, "README.md"), "utf8");
    expect(readme).toContain(`${documents.length} short pages`);
    expect(readme).toContain(`${queries.length} queries, and ${judgements.length} judgements`);
  });
});

function lines(file: string): readonly string[] {
  return readFileSync(join(import.meta.dirname, file), "utf8")
    .trimEnd()
    .split("\n");
}

const words = (value: string): readonly string[] => value.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

const outside = ({ length }: readonly string[], least: number, most: number): boolean =>
  length < least || length > most;

function runsOf(value: string): ReadonlySet<string> {
  const all = words(value);
  return new Set(all.slice(2).map((word, index) => `${all[index]} ${all[index + 1]} ${word}`));
}

function expectUnlike(values: readonly string[]): void {
  expect(values.filter((value, index) => values.indexOf(value) !== index)).toEqual([]);
}
