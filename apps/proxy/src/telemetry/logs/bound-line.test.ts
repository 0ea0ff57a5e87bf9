import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { boundFields, mostCharacters } from "./bound-line.ts";
import { createLog } from "./create-log.ts";

describe("a line of the log", () => {
  it("keeps fields that fit as they are", () => {
    const fields = {
      documents: Array.from({ length: 100 }, () => "x".repeat(500)),
      error: new Error("x"),
      nothing: null,
    };
    expect(boundFields(fields)).toBe(fields);
  });

  it.each([
    ["a long text", { reason: "x".repeat(1_000_000) }],
    ["many texts", { documents: Array.from({ length: 10_000 }, () => "x".repeat(1_000)) }],
    ["very many short values", { values: Array.from({ length: 1_000_000 }, () => 1) }],
    ["many fields", Object.fromEntries(Array.from({ length: 100_000 }, (_, number) => [`field${number}`, number]))],
    ["a long name", { ["x".repeat(1_000_000)]: 1 }],
    ["all of it inside of each other", { a: { b: [{ c: "x".repeat(100_000) }, { d: ["x".repeat(100_000)] }] } }],
  ])("is cut where it holds %s", async (_, fields) => {
    const lines: string[] = [];
    const { logger } = await createLog({ destination: { write: (line) => void lines.push(line) } });
    logger.warn("too much", fields);
    logger.warn("x".repeat(1_000_000));
    for (const line of lines) expect(line.length).toBeLessThan(2.5 * mostCharacters);
    expect(lines.map((line): unknown => JSON.parse(line))).toHaveLength(2);
  });

  it("says how much is missing", () => {
    expect(boundFields({ reason: "x".repeat(mostCharacters + 96) })).toEqual({
      reason: expect.stringMatching(/^x+… \(\d+ more characters\)$/),
    });
    expect(boundFields({ documents: Array.from({ length: 1_000 }, () => "x".repeat(1_000)) })).toEqual({
      documents: expect.arrayContaining([expect.stringMatching(/^… \(\d+ more\)$/)]),
    });
  });

  it("never changes what fits", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (fields) => {
        expect(boundFields(fields)).toBe(fields);
      }),
    );
  });
});
