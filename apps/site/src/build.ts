import { copyFileSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import starlight from "@astrojs/starlight";
import { build } from "astro";
import { passthroughImageService } from "astro/config";

import type { Page, PageSection } from "./pages.ts";
import type { Release } from "./release.ts";
import { withoutEmptyHeads } from "./text/tables.ts";

const folder = fileURLToPath(new URL("..", import.meta.url));
/** Where pages are put for Starlight: `src/astro/content.config.ts` reads them there. */
export const stagedFolder = fileURLToPath(new URL("../.content", import.meta.url));

/** Makes HTML of the staged pages, and an index for the search, in a folder that it empties first. */
export async function buildPages(sections: readonly PageSection[], release: Release, out: string): Promise<void> {
  await build({
    root: folder,
    configFile: false,
    srcDir: "./src/astro",
    outDir: out,
    // What is kept between steps lies beside the pages that it is of: in node_modules, the default, builds that share their packages would
    // take each other's pages.
    cacheDir: "./.content/cache",
    vite: { cacheDir: ".content/vite" },
    base: release.base,
    trailingSlash: "always",
    logLevel: "warn",
    // Pictures are as small as they get: `test/browser/take-*.ts` make them so.
    image: { service: passthroughImageService() },
    markdown: {
      shikiConfig: {
        themes: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
        defaultColor: "light-dark()",
      },
    },
    devToolbar: { enabled: false },
    integrations: [
      starlight({
        title: "Dheera AI",
        logo: { src: "./src/astro/icon.svg" },
        favicon: "/icon.svg",
        credits: false,
        // Astro's own blocks of code are lighter, and can be scrolled by the keyboard; `client/copy.ts` copies them.
        expressiveCode: false,
        disable404Route: false,
        tableOfContents: { minHeadingLevel: 2, maxHeadingLevel: 3 },
        customCss: ["./src/astro/colours.css", "./src/astro/site.css"],
        components: { SocialIcons: "./src/astro/VersionSwitch.astro" },
        head: [{ tag: "meta", attrs: { name: "dheera-version", content: release.version } }],
        sidebar: sections.map(({ label, collapsed, pages }) => ({
          label,
          collapsed,
          items: itemsOf(pages),
        })),
      }),
    ],
  });
  copyFileSync(join(folder, "src/astro/icon.svg"), join(out, "icon.svg"));
  for (const page of globSync("**/*.html", { cwd: out })) {
    const path = join(out, page);
    writeFileSync(path, withoutEmptyHeads(readFileSync(path, "utf8")));
  }
}

interface Link {
  readonly label: string;
  readonly link: string;
}

/** Links to pages; those of one folder are folded into one item, where the first of them was. */
function itemsOf(pages: readonly Page[]): (Link | { label: string; collapsed: boolean; items: Link[] })[] {
  const linkTo = ({ label, route }: Page): Link => ({ label, link: route === "" ? "/" : `/${route}/` });
  const groups = new Map(pages.map((page) => [page.group ?? page, pages.filter(({ group }) => group === page.group)]));
  return [...groups].map(([group, members]) =>
    typeof group === "string" ? { label: group, collapsed: true, items: members.map(linkTo) } : linkTo(group),
  );
}
