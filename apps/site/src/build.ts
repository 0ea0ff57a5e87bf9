import { fileURLToPath } from "node:url";

import starlight from "@astrojs/starlight";
import { build } from "astro";
import { passthroughImageService } from "astro/config";

import type { PageSection } from "./pages.ts";
import type { Release } from "./release.ts";

const folder = fileURLToPath(new URL("..", import.meta.url));
/** Where pages are put for Starlight: `src/astro/content.config.ts` reads them there. */
export const stagedFolder = fileURLToPath(new URL("../.content", import.meta.url));

/** Makes HTML of the staged pages, and an index for the search, in a folder that it empties first. */
export async function buildPages(sections: readonly PageSection[], release: Release, out: string): Promise<void> {
  await build({
    root: folder,
    configFile: false,
    srcDir: "./src/astro",
    publicDir: "./src/astro/public",
    outDir: out,
    base: release.base,
    trailingSlash: "always",
    logLevel: "warn",
    // Pictures are as small as they get: `test/browser/take-*.ts` make them so.
    image: { service: passthroughImageService() },
    devToolbar: { enabled: false },
    integrations: [
      starlight({
        title: "Dheera AI",
        logo: { src: "./src/astro/icon.svg" },
        favicon: "/icon.svg",
        credits: false,
        // Readers know what a terminal is, and files are named where it matters.
        expressiveCode: {
          defaultProps: { frame: "none" },
          styleOverrides: { borderRadius: "8px", codeFontSize: "0.8125rem" },
        },
        disable404Route: false,
        tableOfContents: { minHeadingLevel: 2, maxHeadingLevel: 3 },
        customCss: ["./src/astro/colours.css", "./src/astro/site.css"],
        components: { SocialIcons: "./src/astro/VersionSwitch.astro" },
        head: [{ tag: "meta", attrs: { name: "dheera-version", content: release.version } }],
        sidebar: sections.map(({ label, collapsed, pages }) => ({
          label,
          collapsed,
          items: pages.map((page) => ({ label: page.label, link: `/${page.route}${page.route === "" ? "" : "/"}` })),
        })),
      }),
    ],
  });
}
