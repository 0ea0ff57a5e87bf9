import { readdir, readFile } from "node:fs/promises";

import { expect, it } from "vitest";

import { openapiDocument } from "../../src/openapi/openapi-document.ts";
import { topicsOf } from "../../src/openapi/topics.ts";
import { httpPages, httpPagesFolder } from "./http-pages.ts";

const pages = httpPages();
const texts = new Map(pages.map(({ name, render }) => [name, render()]));
const topics = topicsOf(openapiDocument().paths);

it.each(pages)(
  "$name is as the API is described (else: pnpm --filter @dheera-ai/proxy run docs)",
  async ({ page, name }) => {
    expect(await readFile(page, "utf8")).toBe(texts.get(name));
  },
);

it("are all there is in their folder", async () => {
  expect((await readdir(httpPagesFolder)).toSorted()).toEqual(pages.map(({ name }) => name).toSorted());
});

it("describe each operation once, at an anchor that is its id, with whom it is for and how it is called", () => {
  for (const { method, paths, operation } of topics) {
    const anchor = `<a id="${operation.operationId}"></a>`;
    const found = [...texts.values()].filter((text) => text.includes(anchor));
    expect(found, operation.operationId).toHaveLength(1);
    const [section = ""] = found[0]?.split(anchor)[1]?.split("<a id=") ?? [];
    for (const path of paths) expect(section).toContain(`\`${method} ${path}\``);
    expect(section).toMatch(/\*\*Who may:\*\* [A-Z].*\./);
    expect(section).toMatch(/```sh\ncurl /);
    expect(section).toContain("**Answer ");
  }
});

it("have anchors that stand on their page once, and link to none that is not there", () => {
  for (const [name, text] of texts) {
    const anchors = anchorsOf(text);
    expect(
      anchors.filter((anchor, index) => anchors.indexOf(anchor) !== index),
      name,
    ).toEqual([]);
    const links = [...text.matchAll(/\]\((?<file>[\w-]+\.md)?#(?<anchor>\w+)\)/g)].map(({ groups = {} }) => groups);
    const dead = links.filter(({ file = name, anchor = "" }) => !anchorsOf(texts.get(file) ?? "").includes(anchor));
    expect(dead, name).toEqual([]);
  }
});

function anchorsOf(text: string): readonly string[] {
  return [...text.matchAll(/<a id="(\w+)">/g)].map(([, anchor = ""]) => anchor);
}
