import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { measureJson } from "./measure-json.ts";

const everything = { values: Infinity, depth: Infinity };

describe("measureJson", () => {
  it.each([
    ["1", 1, 0],
    ["[]", 2, 1],
    ["[1,2]", 3, 1],
    ['{"a":1,"b":{"c":[true]}}', 5, 3],
    ['"[[[,,,{{{"', 1, 0],
    ['["a\\"[,", "\\\\", "\\\\\\"[", ""]', 5, 1],
    [`["${"x".repeat(100)}\\"[[${"y".repeat(100)}\\\\",1]`, 3, 1],
    [`["${"\\\\".repeat(100)}",1]`, 3, 1],
    [`["${"\\\\".repeat(100)}\\"[,",1]`, 3, 1],
    ['[" [,", "ü[,", "…[,", "𝕏[,"]', 5, 1],
  ])("counts no less than what %j holds", (text, values, depth) => {
    expect(countOf(JSON.parse(text))).toBeLessThanOrEqual(values);
    expect(measureJson(text, everything)).toEqual({ values, depth, hasLongName: false });
  });

  it.each([
    [`{"${"x".repeat(10_001)}" \n\t:1}`, true],
    [`[{"a":"${"x".repeat(10_001)}"},"${"y".repeat(20_000)}"]`, false],
    [`{"${"x".repeat(10_000)}":1}`, false],
    [`{"${"\\u0078".repeat(2_000)}":1}`, true],
    [`"${"x".repeat(10_001)}`, false],
  ])("sees whether a field has a long name (%#)", (text, hasLongName) => {
    expect(measureJson(text, everything).hasLongName).toBe(hasLongName);
  });

  it("is never below the number of values and the depth of any JSON", () => {
    const padding = fc.constantFrom("", " ", "\n\t");
    fc.assert(
      fc.property(fc.jsonValue(), padding, fc.boolean(), (value, space, isLong) => {
        const text = JSON.stringify(isLong ? [value, `${"long ".repeat(20)}\\\\"`, value] : value, null, space);
        const parsed: unknown = JSON.parse(text);
        const measured = measureJson(text, everything);
        expect(measured.depth).toBe(depthOf(parsed));
        expect(measured.values).toBeGreaterThanOrEqual(countOf(parsed));
        // Of an empty list or object the value is counted that is not there.
        expect(measured.values).toBeLessThanOrEqual(2 * countOf(parsed));
      }),
    );
  });

  it("stops at the first value or level too many", () => {
    let read = 0;
    const watch = (text: string): string =>
      Object.assign(Object(text), {
        charCodeAt: (position: number) => {
          read = Math.max(read, position);
          return text.charCodeAt(position);
        },
      });
    expect(measureJson(watch("{},".repeat(100_000)), { values: 10, depth: 10 }).values).toBe(11);
    expect(measureJson(watch("[".repeat(100_000)), { values: 1_000_000, depth: 10 }).depth).toBe(11);
    expect(read).toBeLessThan(50);
  });

  it("measures what is cut off anywhere, and what is no JSON", () => {
    for (const text of ['["a', '["a\\', '["', "", '"', `"${"x".repeat(100)}`, `"${"x".repeat(100)}\\`, "]]]", "\\"])
      expect(measureJson(text, everything).values).toBeLessThan(3);
  });
});

function countOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 1;
  return Object.values(value).reduce<number>((sum, inner) => sum + countOf(inner), 1);
}

function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}
