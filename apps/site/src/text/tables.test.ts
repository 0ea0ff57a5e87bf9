import { expect, it } from "vitest";

import { withoutEmptyHeads } from "./tables.ts";

it("leaves out a head that says nothing, and makes plain cells of single heads that are empty", () => {
  expect(
    withoutEmptyHeads("<table><thead><tr><th></th><th></th></tr></thead><tbody><tr><td>a</td></tr></tbody></table>"),
  ).toBe("<table><tbody><tr><td>a</td></tr></tbody></table>");
  const one = "<thead>\n<tr>\n<th>a</th>\n<th></th>\n</tr>\n</thead>";
  expect(withoutEmptyHeads(one)).toBe("<thead>\n<tr>\n<th>a</th>\n<td></td>\n</tr>\n</thead>");
  const full = "<thead><tr><th>a</th><th>b</th></tr></thead>";
  expect(withoutEmptyHeads(full)).toBe(full);
});
