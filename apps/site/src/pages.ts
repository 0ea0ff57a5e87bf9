import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { type Entry, type Section, firstPage } from "./sidebar.ts";
import { firstSentence, titleOf } from "./text/prose.ts";

/** A page as it stands in the repository. */
export interface Page {
  /** From the root of the repository. */
  readonly file: string;
  /** Its folder in the site, without slashes at its ends: empty for the first page. */
  readonly route: string;
  readonly title: string;
  /** What the sidebar calls it. */
  readonly label: string;
  /** What the sidebar calls the pages of its folder, where its section has several. */
  readonly group?: string | undefined;
  /** One sentence. */
  readonly about: string;
  readonly markdown: string;
}

export interface PageSection {
  readonly label: string;
  readonly collapsed: boolean;
  readonly pages: readonly Page[];
}

/**
 * Every page of the sidebar, read from the repository.
 * @throws Error for a page that does not exist, or has no title
 */
export function readSections(root: string, sidebar: readonly Section[]): readonly PageSection[] {
  return sidebar.map((section) => ({
    label: section.label,
    collapsed: section.collapsed ?? false,
    pages: [
      ...section.entries.map((entry) => readPage(root, entry)),
      ...restOf(root, section, sidebar).map((entry) => readPage(root, entry, section)),
    ],
  }));
}

/** Where a file of the repository is in the site; the files that no page is made of have a route too, and nothing there. */
export function routeOf(file: string): string {
  if (file === firstPage) return "";
  return file
    .replace(/^docs\//, "")
    .replace(/(^|\/)README\.md$/, "")
    .replace(/\.md$/, "")
    .toLowerCase();
}

function readPage(root: string, { file, label, about }: Entry, { rest, aboutRest }: Partial<Section> = {}): Page {
  const markdown = readFileSync(join(root, file), "utf8");
  const title = titleOf(markdown);
  if (title === undefined) throw new Error(`${file} does not begin with a title: "# …"`);
  return {
    file,
    route: routeOf(file),
    title,
    label: label ?? title,
    group: groupOf(root, file, rest),
    about: about ?? aboutRest?.(title) ?? firstSentence(markdown),
    markdown,
  };
}

/** The pages of a section's folder that no section names, a folder's README first: of packages their READMEs, of other folders every page. */
function restOf(root: string, { rest }: Section, sidebar: readonly Section[]): readonly Entry[] {
  if (rest === undefined) return [];
  const named = new Set(sidebar.flatMap(({ entries }) => entries.map(({ file }) => file)));
  const pattern = rest === "packages" ? "packages/*/README.md" : `${rest}/**/*.md`;
  const found = globSync(pattern, { cwd: root }).map((file) => file.replaceAll("\\", "/"));
  return found
    .filter((file) => !named.has(file))
    .toSorted((one, other) => (routeOf(one) < routeOf(other) ? -1 : 1))
    .map((file) => ({ file }));
}

/** The title of the folder below a section's folder that a page is in; absent: it is in the section's folder itself. */
function groupOf(root: string, file: string, rest: string | undefined): string | undefined {
  if (rest === undefined || rest === "packages" || !file.startsWith(`${rest}/`)) return undefined;
  const [folder = "", ...below] = file.slice(rest.length + 1).split("/");
  if (below.length === 0) return undefined;
  const readme = join(root, rest, folder, "README.md");
  return (existsSync(readme) ? titleOf(readFileSync(readme, "utf8")) : undefined) ?? folder;
}
