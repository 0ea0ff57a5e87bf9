import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { beforeAll, describe, expect, it } from "vitest";

import { entryPoints } from "./entries.ts";
import { type Program, readProgram } from "./read-program.ts";
import { typescriptFolder, typescriptPages } from "./typescript-pages.ts";
import { undescribed } from "./undescribed.ts";

describe("the reference of the TypeScript packages", () => {
  const entries = entryPoints();
  let program: Program;
  let pages: ReadonlyMap<string, string>;

  beforeAll(async () => {
    program = await readProgram(entries);
    pages = await typescriptPages(entries, program);
  });

  it("has a page for each import of the packages that people use", () => {
    const specifiers = entries.map(({ specifier }) => specifier);
    expect(specifiers).toEqual(
      expect.arrayContaining(["dheera-ai", "@dheera-ai/core/testing", "@dheera-ai/langchain"]),
    );
    expect([...pages.keys()].toSorted()).toEqual(["README.md", ...entries.map(({ page }) => `${page}.md`)].toSorted());
  });

  it("has a description of each exported name", () => {
    expect(undescribed(program)).toEqual([]);
  });

  it("is as the comments say it (else: pnpm --filter @dheera-ai/reference run docs)", async () => {
    expect((await readdir(typescriptFolder)).toSorted()).toEqual([...pages.keys()].toSorted());
    for (const [name, text] of pages) expect(await readFile(join(typescriptFolder, name), "utf8"), name).toBe(text);
  });

  it("shows a signature with its parameters, what is thrown, and links to the types of other packages", () => {
    const core = pages.get("core.md") ?? "";
    expect(core).toContain("### DheeraError");
    expect(core).toContain("###### Throws");
    expect(pages.get("huggingface.md")).toContain("](core.md#provider)");
    expect(pages.get("dheera-ai.md")).toContain("# dheera-ai");
  });

  it("names no path of the machine that made it", () => {
    for (const [name, text] of pages) expect(text, name).not.toMatch(/Defined in|\/(home|tmp|work|Users)\//);
  });
});
