import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import type { Page, PageSection } from "./pages.ts";
import type { Release } from "./release.ts";
import { withoutComments, withoutTitle } from "./text/prose.ts";
import { foldTabs } from "./text/tabs.ts";
import { type Surroundings, relativeRoute, rewriteLinks } from "./text/links.ts";

/** Writes every page in the form that Starlight reads, into an empty folder. */
export function stagePages(root: string, sections: readonly PageSection[], release: Release, folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  const surroundings = surroundingsOf(sections, release);
  for (const page of sections.flatMap(({ pages }) => pages)) {
    const path = join(folder, "pages", `${page.route || "index"}.md`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, stagedText(page, surroundings, release));
  }
  const images = join(root, "docs/images");
  if (existsSync(images)) cpSync(images, join(folder, "images"), { recursive: true });
}

/** A page with what Starlight wants to know in front; its title is there, and not in the text. */
export function stagedText(page: Page, surroundings: Surroundings, { repository }: Release): string {
  const { title, about, file, markdown } = page;
  const front = { title, description: about, editUrl: `${repository}/edit/main/${file}` };
  const lines = Object.entries(front).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  const body = withoutTitle(withoutComments(markdown));
  return `---\n${lines.join("\n")}\n---\n${foldTabs(rewriteLinks(page, body, surroundings))}`;
}

function surroundingsOf(sections: readonly PageSection[], release: Release): Surroundings {
  return {
    pages: pagesByFile(sections),
    toPage: (from, to) => relativeRoute(from.route, to.route),
    toImage: (from, name) => `${"../".repeat(depthOfFile(from))}images/${name}`,
    toSource: sourcesAt(release),
  };
}

export function pagesByFile(sections: readonly PageSection[]): ReadonlyMap<string, Page> {
  return new Map(sections.flatMap(({ pages }) => pages.map((page) => [page.file, page])));
}

/** The address of a path in the repository: GitHub leads from `blob` to `tree` where it is a folder. */
export function sourcesAt({ repository, tag }: Pick<Release, "repository" | "tag">): (path: string) => string {
  return (path) => `${repository}/blob/${tag}/${path}`;
}

/** How many folders a staged page is below the folder that holds `pages` and `images`. */
function depthOfFile({ route }: Page): number {
  return route.split("/").length;
}
