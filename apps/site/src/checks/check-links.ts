import { globSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import { type LinksOfPage, readHtml } from "./read-html.ts";

/**
 * What is wrong with the links of a built site, a sentence each: files and anchors that do not exist, and addresses elsewhere that are
 * none. Nothing is fetched.
 * @param base where the site will be, with a slash at both ends
 */
export function checkLinks(out: string, base: string): readonly string[] {
  const paths = globSync("**/*", { cwd: out }).filter((path) => statSync(join(out, path)).isFile());
  const files = new Set(paths.map((path) => path.replaceAll("\\", "/")));
  const pages = new Map(
    [...files]
      .filter((name) => name.endsWith(".html"))
      .map((name) => [name, readHtml(readFileSync(join(out, name), "utf8"))]),
  );
  return [...pages].flatMap(([page, { targets }]) =>
    [...new Set(targets)].flatMap((target) => {
      const problem = problemOf(target, page, base, files, pages);
      return problem === undefined ? [] : [`${page} links to ${target}: ${problem}`];
    }),
  );
}

function problemOf(
  target: string,
  page: string,
  base: string,
  files: ReadonlySet<string>,
  pages: ReadonlyMap<string, LinksOfPage>,
): string | undefined {
  if (target.startsWith("data:")) return undefined;
  const here = new URL(`${base}${page.replace(/(^|\/)index\.html$/, "$1")}`, "http://site.invalid");
  if (!URL.canParse(target, here)) return "that is no address";
  const { protocol, origin, hostname, pathname, hash } = new URL(target, here);
  if (protocol === "mailto:")
    return /^mailto:[^@\s]+@[^@\s]+\.[^@\s]+$/.test(target) ? undefined : "that is no address of mail";
  if (origin !== here.origin) return isElsewhere(protocol, hostname) ? undefined : "that is no address of the web";
  if (!pathname.startsWith(base)) return `that is outside ${base}`;
  const path = decoded(pathname.slice(base.length));
  const anchor = decoded(hash.slice(1));
  if (path === undefined || anchor === undefined) return "a percent sign in it encodes nothing";
  const file = path === "" || path.endsWith("/") ? `${path}index.html` : path;
  if (!files.has(file)) return "there is no such file";
  // "#_top" is the top of a page, by Starlight's own skip links as by HTML.
  if (anchor === "" || anchor === "top") return undefined;
  return pages.get(file)?.ids.has(anchor) === false ? `that page has nothing called ${anchor}` : undefined;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Of another machine only the form is checked: http or https, and a name with a dot or one of this machine's. */
function isElsewhere(protocol: string, hostname: string): boolean {
  return /^https?:$/.test(protocol) && /\.|^localhost$/.test(hostname);
}
