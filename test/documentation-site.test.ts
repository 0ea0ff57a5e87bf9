import { globSync, readFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

import { type PageSection, readSections } from "../apps/site/src/pages.ts";
import { sidebar } from "../apps/site/src/sidebar.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const sections: readonly PageSection[] = readSections(root, sidebar);
const pages = sections.flatMap((section) => section.pages);
const files = pages.map(({ file }) => file);

describe("the sidebar", () => {
  it("has each page of docs/ exactly once: name a new one in apps/site/src/sidebar.ts", () => {
    const docs = globSync("docs/**/*.md", { cwd: root });
    expect(docs.length).toBeGreaterThan(60);
    expect(files.filter((file) => file.startsWith("docs/")).toSorted()).toEqual(docs.toSorted());
  });

  it("has no page twice, and no two pages at one address", () => {
    expect(new Set(files).size).toBe(files.length);
    expect(new Set(pages.map(({ route }) => route)).size).toBe(pages.length);
  });

  it("says in one sentence what each page is about", () => {
    const wrong = pages.filter(({ about }) => !/^.{20,300}[.?!]$/.test(about));
    expect(wrong.map(({ file, about }) => `${file}: ${about}`)).toEqual([]);
  });

  it("has no empty section", () => {
    expect(sections.filter((section) => section.pages.length === 0).map(({ label }) => label)).toEqual([]);
  });
});

describe("the pictures of docs/images", () => {
  const scripts = globSync("{bench,test}/**/{make,take}-*.ts", { cwd: root, exclude: ["**/node_modules/**"] })
    .map((file) => readFileSync(join(root, file), "utf8"))
    .filter((text) => text.includes("docs/images/"));

  it.each(globSync("docs/images/*", { cwd: root }))("%s is made by a script, and shown by a page", (image) => {
    const name = basename(image, extname(image));
    expect(scripts.some((text) => new RegExp(`["/]${name}["$.]`).test(text))).toBe(true);
    const shown = [...pages.map(({ markdown }) => markdown), readFileSync(join(root, "README.md"), "utf8")];
    expect(shown.some((text) => text.includes(`images/${basename(image)}`))).toBe(true);
  });
});
