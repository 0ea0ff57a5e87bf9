import { expect, it } from "vitest";

import { csvText } from "./csv.ts";

it("writes a line of names and one for each row", () => {
  expect(
    csvText(
      ["team", "spend"],
      [
        ["red", 0.25],
        [null, 3],
      ],
    ),
  ).toBe("team,spend\r\nred,0.25\r\n,3\r\n");
});

it("quotes what would be read as more than one cell", () => {
  expect(csvText(["name"], [['a "b", c\nd']])).toBe('name\r\n"a ""b"", c\nd"\r\n');
});

it.each(["=1+1", "+1", "-1", "@sum", "\tx"])("lets no spreadsheet run %j", (name) => {
  expect(csvText(["name"], [[name]])).toBe(`name\r\n'${name}\r\n`);
});
