import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type EntryPoint, root } from "./entries.ts";
import { mendAnchors } from "./mend-anchors.ts";
import type { Program } from "./read-program.ts";

export const typescriptFolder: string = join(root, "docs/reference/typescript");

const generated =
  "<!-- Made from the comments in packages/*/src by apps/reference: change them there, and run pnpm --filter @dheera-ai/reference run docs. -->";

/** The reference of the TypeScript packages: a page for each import, and the list of them, by file name. */
export async function typescriptPages(
  entries: readonly EntryPoint[],
  { app, project, modules }: Program,
): Promise<ReadonlyMap<string, string>> {
  const folder = await mkdtemp(join(tmpdir(), "dheera-reference-"));
  try {
    await app.outputs.writeOutput({ name: "markdown", path: folder }, project);
    const pages = await Promise.all(
      entries.map(async (entry) => {
        const text = await readFile(join(folder, `${entry.page}.md`), "utf8");
        return [`${entry.page}.md`, renderPage(entry, text)] as const;
      }),
    );
    const list = renderList(entries, (page) => modules.get(page)?.children?.length ?? 0);
    return mendAnchors(new Map([["README.md", list], ...pages]));
  } finally {
    await rm(folder, { recursive: true });
  }
}

function renderPage({ specifier, folder }: EntryPoint, text: string): string {
  return [
    generated,
    "",
    `# ${specifier}`,
    "",
    `What \`import … from "${specifier}"\` brings. [What it is for](../../../${folder}/README.md). [All packages](README.md).`,
    "",
    `${tidied(text)}\n`,
  ].join("\n");
}

/** Tables in this repository's form, and nothing where nothing is said. */
function tidied(text: string): string {
  return text
    .trim()
    .replaceAll(/^Defined in: .*\n\n/gm, "")
    .replaceAll(/^(\| -+ )+\|$/gm, (line) => line.replaceAll(/ -+ /g, "---"))
    .replaceAll(/ \| - \|$/gm, " | |")
    .replaceAll(/\n\*\*\*\n/g, "");
}

function renderList(entries: readonly EntryPoint[], countOf: (page: string) => number): string {
  const rows = entries.map(
    ({ specifier, page, about }) => `| [\`${specifier}\`](${page}.md) | ${about} | ${countOf(page)} |`,
  );
  return [
    generated,
    "",
    "# TypeScript API",
    "",
    "Everything that the packages export, with its signature and what it means. [library.md](../../library.md) shows how it is used, [errors.md](../../errors.md) explains what is thrown.",
    "What is imported in another way than from these is internal, and may change in any release.",
    "",
    "| import | what it is | names |",
    "|---|---|---|",
    ...rows.toSorted(),
    "",
  ].join("\n");
}
