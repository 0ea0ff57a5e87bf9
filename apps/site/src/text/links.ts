import { posix } from "node:path";

import type { Page } from "../pages.ts";
import { outsideFences } from "./prose.ts";

/** Where the targets of links are, seen from the page that is written. */
export interface Surroundings {
  /** By file, from the root of the repository. */
  readonly pages: ReadonlyMap<string, Page>;
  /** The address of a page in this form of the site, seen from another page. */
  readonly toPage: (from: Page, to: Page) => string;
  /** The address of a picture of `docs/images`. */
  readonly toImage: (from: Page, name: string) => string;
  /** The address of a file or a folder in the repository, at the version that the site describes. */
  readonly toSource: (path: string) => string;
}

/**
 * A page whose relative links lead to where their targets are: other pages, pictures, or the repository.
 * Links with a scheme and links within the page stay.
 */
export function rewriteLinks(page: Page, text: string, surroundings: Surroundings): string {
  const target = (link: string): string => targetOf(page, link, surroundings);
  // Of a link that GitHub's readers see as a file's name, readers here see the page's title.
  const named = (name: string | undefined, link: string): string => {
    const other = surroundings.pages.get(fileOf(page, link));
    return name !== undefined && other !== undefined ? `[${other.title}` : (name ?? "");
  };
  return outsideFences(text, (prose) =>
    prose
      // Code spans come first, and are left as they are.
      .replaceAll(
        /`[^`\n]+`|(\[[\w./-]+\.md)?\]\(([^()\s]+)((?: "[^"]*")?)\)/g,
        (all, name?: string, link?: string, title = "") =>
          link === undefined ? all : `${named(name, link)}](${target(link)}${title})`,
      )
      .replaceAll(/^(\[[^\]]+\]: )(\S+)/gm, (_, name: string, link: string) => name + target(link)),
  );
}

function targetOf(page: Page, link: string, { pages, toPage, toImage, toSource }: Surroundings): string {
  if (/^([a-z][a-z\d+.-]*:|#)/i.test(link)) return link;
  const anchor = link.split("#")[1];
  const file = fileOf(page, link);
  const hash = anchor === undefined ? "" : `#${anchor}`;
  const other = pages.get(file) ?? pages.get(`${file}/README.md`);
  if (other !== undefined) return toPage(page, other) + hash;
  if (posix.dirname(file) === "docs/images") return toImage(page, posix.basename(file));
  return toSource(file) + hash;
}

function fileOf(page: Page, link: string): string {
  return posix.join(posix.dirname(page.file), link.split("#")[0] ?? "").replace(/\/$/, "");
}

/** The way from one folder of the site to another, or to a file in it: `../b/`, and `./` to itself. */
export function relativeRoute(from: string, to: string): string {
  const way = posix.relative(`/${from}`, `/${to}`);
  return way === "" ? "./" : `${way}/`;
}
