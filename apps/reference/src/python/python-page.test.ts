import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { beforeAll, describe, expect, it } from "vitest";

import { needs } from "../../../../test/support/programs.ts";
import { createFolder } from "../../../../test/support/temporary-folder.ts";
import { root } from "../typescript/entries.ts";
import { pythonPage, pythonPageFile } from "./python-page.ts";

describe("the reference of the Python package", needs("python3"), () => {
  let page: string;

  beforeAll(async () => {
    page = await pythonPage();
  });

  it("is as the docstrings say it (else: pnpm --filter @dheera-ai/reference run docs)", async () => {
    expect(await readFile(pythonPageFile, "utf8")).toBe(page);
  });

  it("has a section for each name of __all__, and for each adapter", async () => {
    const source = await readFile(join(root, "python/src/dheera_ai/__init__.py"), "utf8");
    const [, listed = ""] = /^__all__ = \[\n([^\]]*)\]/m.exec(source) ?? [];
    const names = [...listed.matchAll(/"(\w+)"/g)].map(([, name = ""]) => name);
    expect(names).toEqual(expect.arrayContaining(["APIError", "Client", "RerankOptions", "rerank"]));
    const sections = [...page.matchAll(/^### `?([\w.]+)`?(?:\(\))?$/gm)].map(([, name = ""]) => name);
    expect(sections).toEqual(expect.arrayContaining(names));
    expect(sections.filter((name) => name.includes("."))).toEqual([
      "dheera_ai.haystack.DheeraAIRanker",
      "dheera_ai.langchain.DheeraAIRerank",
      "dheera_ai.llama_index.DheeraAIRerank",
    ]);
  });

  it("gives a coroutine the parameters of the function that it is like, and each overload its result", () => {
    const section = sectionOf(page, "arerank()");
    expect(section).toContain("async def arerank(");
    expect(section).toContain("| `query` | `str` | | What the documents are compared with. |");
    expect(section).toContain(
      "- [`RerankResponse[None]`](#rerankresponse) with `return_documents: Literal[False] | None`",
    );
    expect(section).toContain("- [`DheeraError`](#dheeraerror): ");
  });

  it("has the types that people meet in signatures alone", () => {
    expect(sectionOf(page, "Proxy")).toContain("| `url` | `str` |");
    expect(sectionOf(page, "JsonObject")).toContain("#### JsonObject.model_dump()");
  });

  it("names no path of the machine that made it", () => {
    expect(page).not.toContain(root);
  });
});

describe("a Python package's reference", needs("python3"), () => {
  it("shows what a docstring says of parameters, results and errors", async () => {
    await using folder = await createPackage(`
def find(name: str, *, most: int = 3) -> list[str]:
    """Finds names. See \`\`Found\`\`.

    :param name: What to look for,
        in any case.
    :param most: How many, at most.
    :returns: The names | nothing.
    :raises ValueError: For none.
    """


class Found:
    """What was found."""

    place: int
    """Where, from 0."""
`);
    const page = await pythonPage(folder.package);
    expect(sectionOf(page, "find()")).toBe(`
\`\`\`python
def find(name: str, *, most: int = 3) -> list[str]
\`\`\`

Finds names. See [\`Found\`](#found).

| parameter | type | default | meaning |
|---|---|---|---|
| \`name\` | \`str\` | | What to look for, in any case. |
| \`most\` | \`int\` | \`3\` | How many, at most. |

Returns \`list[str]\`: The names | nothing.

Raises:

- \`ValueError\`: For none.

`);
    expect(sectionOf(page, "Found")).toContain("| `place` | `int` | Where, from 0. |");
  });

  it("is refused where a name, a parameter, a field or a method has no description", async () => {
    await using folder = await createPackage(`
def find(name: str) -> None: ...


class Found:
    place: int

    def again(self) -> None: ...
`);
    await expect(pythonPage(folder.package)).rejects.toThrow(
      "no description: find, find(name), Found, Found.place, Found.again",
    );
  });

  it("is refused where __all__ has a name that nothing defines", async () => {
    await using folder = await createPackage("", ["gone"]);
    await expect(pythonPage(folder.package)).rejects.toThrow(
      "__all__ of sample has names that no module defines: gone",
    );
  });
});

/** The text below a heading of the third level, up to the next heading of that level or a higher one. */
function sectionOf(page: string, heading: string): string {
  const [, below = ""] = page.split(`\n### ${heading}\n`);
  const [section = ""] = below.split(/^#{2,3} /m);
  return section;
}

async function createPackage(
  source: string,
  names: readonly string[] = ["find", "Found"],
): Promise<AsyncDisposable & { readonly package: string }> {
  const folder = await createFolder({});
  const own = join(folder.path, "sample");
  await mkdir(own);
  await writeFile(
    join(own, "__init__.py"),
    `from sample._all import ${names.join(", ")}\n\n__all__ = ${JSON.stringify(names)}\n`,
  );
  await writeFile(join(own, "_all.py"), source);
  return { package: own, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}
