import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { parseCsv } from "./parse-csv.ts";

describe("parseCsv", () => {
  it("reads quoted fields with commas, quotes and lines in them, and every kind of line end", () => {
    expect(parseCsv('title,body\r\n"a, b","say ""hi""\nthere"\nc,\r', true)).toEqual({
      columns: ["title", "body"],
      rows: [
        ["a, b", 'say "hi"\nthere'],
        ["c", ""],
      ],
    });
  });

  it.each([";", "\t"])("takes %j for the delimiter where the first line has most of it", (delimiter) => {
    expect(parseCsv(`a${delimiter}"b,c"\n1${delimiter}2,3`, true)).toEqual({
      columns: ["a", "b,c"],
      rows: [["1", "2,3"]],
    });
  });

  it("numbers columns that have no name", () => {
    expect(parseCsv("one,two", false)).toEqual({ columns: ["column 1", "column 2"], rows: [["one", "two"]] });
    expect(parseCsv("a,\n1,2", true).columns).toEqual(["a", "column 2"]);
  });

  it.each([
    ["a quote without an end", 'a\n"b\nc', "Line 2: a quoted field has no closing quote"],
    ["text after a closing quote", 'a,b\n"x\ny"z,1', "Line 3: after a closing quote there must be a comma"],
    ["a row of another length", 'a,b\n"1\n",2\n3', "Line 4 has 1 fields where the first row has 2"],
    ["two columns of one name", "a,a\n1,2", "Line 1 names two columns “a”"],
    ["names without a row", "a,b\n", "no row"],
    ["nothing", "", "The file is empty"],
  ])("says what is wrong with %s", (_, text, message) => {
    expect(() => parseCsv(text, true)).toThrow(message);
  });

  it("reads back every table that is written as RFC 4180 says", () => {
    const field = fc.string({ unit: fc.constantFrom("a", ",", ";", '"', "\n", "\r", "\t", " ", "é") });
    const table = fc
      .integer({ min: 1, max: 4 })
      .chain((width) =>
        fc.array(fc.array(field, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 5 }),
      );
    fc.assert(
      fc.property(table, fc.constantFrom("\n", "\r\n"), (rows, end) => {
        const names = (rows[0] ?? []).map((_, index) => `c${index}`);
        // Each field is quoted, so that the row of one empty field is no empty line.
        const written = [names, ...rows].map((row) => row.map((text) => `"${text.replaceAll('"', '""')}"`).join(","));
        expect(parseCsv(written.join(end), true)).toEqual({ columns: names, rows });
      }),
    );
  });
});
