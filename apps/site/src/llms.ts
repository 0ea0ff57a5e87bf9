import { cpSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import type { Page, PageSection } from "./pages.ts";
import type { Release } from "./release.ts";
import { pagesByFile, sourcesAt } from "./stage.ts";
import { type Surroundings, relativeRoute, rewriteLinks } from "./text/links.ts";
import { withoutComments } from "./text/prose.ts";

const introduction = `# Dheera AI

> One rerank API over every reranker: a library for TypeScript and Python, a proxy and a command line. A reranker takes a query and some documents and says which documents matter.`;

/** The files for language models beside a site's pages, path → text, as https://llmstxt.org describes them. */
export function filesForModels(sections: readonly PageSection[], release: Release): ReadonlyMap<string, string> {
  const pages = sections.flatMap((section) => section.pages);
  const texts = pages.map((page) => [markdownPath(page), markdownOf(page, sections, release)] as const);
  return new Map([
    ["llms.txt", listOf(sections, release)],
    ["llms-full.txt", `${introduction}\n\n${texts.map(([, text]) => text.trim()).join("\n\n")}\n`],
    ...texts,
  ]);
}

/** Writes them into the folder of a site that has been built, with the pictures that they show. */
export function writeFilesForModels(
  root: string,
  sections: readonly PageSection[],
  release: Release,
  out: string,
): void {
  for (const [path, text] of filesForModels(sections, release)) {
    mkdirSync(dirname(join(out, path)), { recursive: true });
    writeFileSync(join(out, path), text);
  }
  const images = join(root, "docs/images");
  if (existsSync(images)) cpSync(images, join(out, "images"), { recursive: true });
}

/** Of an address without a file's name llmstxt.org makes this one. */
export function markdownPath({ route }: Page): string {
  return route === "" ? "index.html.md" : `${route}/index.html.md`;
}

function listOf(sections: readonly PageSection[], { base, version }: Release): string {
  const parts = sections.map(({ label, pages }) => {
    const lines = pages.map((page) => `- [${page.title}](${base}${markdownPath(page)}): ${page.about}`);
    return `## ${label}\n\n${lines.join("\n")}`;
  });
  return `${[introduction, `Version ${version}. All of it in one file: ${base}llms-full.txt`, ...parts].join("\n\n")}\n`;
}

function markdownOf(page: Page, sections: readonly PageSection[], release: Release): string {
  const surroundings: Surroundings = {
    pages: pagesByFile(sections),
    toPage: (from, to) => `${relativeRoute(from.route, to.route)}index.html.md`,
    toImage: (from, name) => `${relativeRoute(from.route, "images")}${name}`,
    toSource: sourcesAt(release),
  };
  return rewriteLinks(page, withoutComments(page.markdown), surroundings);
}
