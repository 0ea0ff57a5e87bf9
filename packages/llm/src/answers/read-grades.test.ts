import fc from "fast-check";
import { describe, expect, it, test } from "vitest";

import { readGrades } from "./read-grades.ts";

const none = { missing: 0, repeated: 0, unknown: 0 };

describe("grades as models write them", () => {
  it.each([
    ["JSON as it was asked for", '{"grades":[{"id":1,"grade":7},{"id":2,"grade":0},{"id":3,"grade":10}]}', none],
    ["in another order", '{"grades":[{"id":3,"grade":10},{"id":1,"grade":7},{"id":2,"grade":0}]}', none],
    [
      "other names",
      '```json\n[{"document":1,"score":"7"},{"document":"2","score":"0/10"},{"document":3,"score":10}]\n```',
      none,
    ],
    ["an object of ids", '{"1": 7, "2": 0, "3": 10}', none],
    ["bare grades", '{"grades":[7,0,10]}', none],
    ["lines", "[1]: 7\n[2]: 0\n[3]: 10", none],
    ["lines of words", "Doc: 1, Relevance: 7\nDoc: 2, Relevance: 0\nDoc: 3, Relevance: 10/10", none],
    ["thoughts before it", '<think>[1]: 3</think>{"grades":[7,0,10]}', none],
    [
      "a document that is graded again",
      '[{"id":1,"grade":7},{"id":1,"grade":2},{"id":2,"grade":0},{"id":3,"grade":10}]',
      { ...none, repeated: 1 },
    ],
    [
      "a grade of no document",
      '[{"id":1,"grade":7},{"id":9,"grade":2},{"id":2,"grade":0},{"id":3,"grade":10}]',
      { ...none, unknown: 1 },
    ],
    ["a document without a grade", '[{"id":1,"grade":7},{"id":3,"grade":10}]', { ...none, missing: 1 }],
    [
      "a grade beyond the scale",
      '[{"id":1,"grade":7},{"id":2,"grade":85},{"id":3,"grade":10}]',
      { ...none, missing: 1 },
    ],
    ["what was cut off", '{"grades":[{"id":1,"grade":7},{"id":3,"grade":10},{"id":2,', { ...none, missing: 1 }],
  ])("%s", (_, answer, repairs) => {
    expect(readGrades(answer, 3)).toEqual({ grades: [7, 0, 10], repairs });
  });

  it.each(["", "I cannot grade these.", '{"grades":[]}', '{"grades":[{"id":1}]}', "<think>[1]: 7"])(
    "%j is of no use",
    (answer) => {
      expect(readGrades(answer, 3)).toBeUndefined();
    },
  );
});

test("10,000 answers of any kind give a grade of the scale for each document, or none for all", () => {
  const row = fc.record(
    {
      id: fc.oneof(fc.integer({ min: -2, max: 12 }), fc.string()),
      grade: fc.oneof(fc.double(), fc.integer({ min: -2, max: 12 })),
    },
    { requiredKeys: [] },
  );
  const answers = fc.oneof(
    fc.array(row).map((rows) => JSON.stringify({ grades: rows })),
    fc.json(),
    fc
      .array(fc.tuple(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 12 })))
      .map((rows) => rows.map(([id, grade]) => `[${id}]: ${grade}`).join("\n")),
    fc.string({ unit: "binary" }),
  );
  fc.assert(
    fc.property(answers, fc.integer({ min: 1, max: 10 }), (answer, count) => {
      const read = readGrades(answer, count);
      if (!read) return;
      expect(read.grades).toHaveLength(count);
      for (const grade of read.grades) expect(grade >= 0 && grade <= 10).toBe(true);
    }),
    { numRuns: 10_000 },
  );
});
