import { expect, it } from "vitest";

import { firstSentence, titleOf, withoutComments, withoutTitle } from "./prose.ts";

it("takes a title without marks, and not from code", () => {
  expect(titleOf("<!-- made -->\n\n# Models in `local/…`, *fast*\n")).toBe("Models in local/…, fast");
  expect(titleOf("```sh\n# comment\n```\n")).toBeUndefined();
});

it("takes comments and the title away, and nothing from code", () => {
  const code = "```html\n# no title\n<!-- shown -->\n```\n";
  expect(withoutComments(`<!-- made\nby -->\n\n${code}\nBy \`<!-- name -->\`. <!-- a -->`)).toBe(
    `${code}\nBy \`<!-- name -->\`. `,
  );
  expect(withoutTitle(`${code}\n# T\n\n${code}\n# Other\n`)).toBe(`${code}\n\n${code}\n# Other\n`);
});

it.each([
  ["# T\n\nOne [link](a.md) and `code_name`. Two.\n", "One link and code_name."],
  ["# T\n\n| a | b |\n|---|---|\n\nVersion 1.2 of it\nis here! Yes.\n", "Version 1.2 of it is here!"],
  ["# T\n\n```sh\nnpm test\n```\n\nIt does:\n", "It does."],
  ["# T\n", ""],
])("takes the first sentence of %j", (markdown, expected) => {
  expect(firstSentence(markdown)).toBe(expected);
});
