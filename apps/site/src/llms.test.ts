import { posix } from "node:path";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

import { filesForModels, markdownPath } from "./llms.ts";
import { readSections } from "./pages.ts";
import { sidebar } from "./sidebar.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const release = { version: "1.2.3", tag: "v1.2.3", base: "/v1.2/", repository: "https://example.org/owner/project" };
const sections = readSections(root, sidebar);
const pages = sections.flatMap((section) => section.pages);
const files = filesForModels(sections, release);
const list = files.get("llms.txt") ?? "";
const entries = [...list.matchAll(/^- \[([^\]]+)\]\((\S+)\): (.+)$/gm)];

describe("llms.txt", () => {
  it("begins with the project's name and a summary, and has the sidebar's sections", () => {
    expect(list).toMatch(/^# Dheera AI\n\n> [^\n]+\n\n/);
    expect([...list.matchAll(/^## (.+)$/gm)].map(([, label]) => label)).toEqual(sections.map(({ label }) => label));
  });

  it("lists each page once, with its title and one sentence", () => {
    expect(entries.map(([, title]) => title)).toEqual(pages.map(({ title }) => title));
    expect(new Set(entries.map(([, , address]) => address)).size).toBe(pages.length);
    for (const [line, , , sentence = ""] of entries) expect(sentence, line).toMatch(/^.{20,300}[.?!]$/);
  });

  it("links to the Markdown beside each page, and to all of it in one file", () => {
    const linked = entries.map(([, , address = ""]) => address.slice(release.base.length));
    expect(linked.filter((path) => !files.has(path))).toEqual([]);
    expect(linked).toEqual(pages.map(markdownPath));
    expect(list).toContain(`${release.base}llms-full.txt`);
  });
});

describe("the Markdown beside a page", () => {
  it("is the page, whose links lead to other Markdown that is there, or to the repository at the tag", () => {
    let count = 0;
    for (const page of pages) {
      const text = files.get(markdownPath(page)) ?? "";
      expect(text, page.file).toMatch(/^# /m);
      for (const [, link = ""] of text.replaceAll(/^```[^]*?^```|`[^`\n]+`/gm, "").matchAll(/\]\(([^()\s]+)\)/g)) {
        if (/^(https?:|mailto:|#)/.test(link)) continue;
        count++;
        const target = posix.join(posix.dirname(markdownPath(page)), link.split("#")[0] ?? "");
        const isThere = files.has(target) || /^images\/[\w-]+\.(png|svg)$/.test(target);
        expect(isThere, `${page.file} links to ${link}`).toBe(true);
      }
    }
    expect(count).toBeGreaterThan(200);
    expect(files.get("library/index.html.md")).toContain("(../errors/index.html.md)");
  });

  it("is in llms-full.txt as well, from the first page to the last", () => {
    const full = files.get("llms-full.txt") ?? "";
    const places = pages.map((page) => full.indexOf(files.get(markdownPath(page))?.trim() ?? "absent"));
    expect(places).not.toContain(-1);
    expect(places.toSorted((one, other) => one - other)).toEqual(places);
  });
});
