import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { rolldown } from "rolldown";

/** The files that browsers load, by name. */
export interface PageAssets {
  readonly "playground.html": string;
  readonly "playground.js": string;
  readonly "playground.css": string;
  readonly "docs.css": string;
  readonly "docs.js": string;
  readonly "icon.svg": string;
}

/**
 * In the workspace these are made at the first request for a page. The build makes them once and ships the texts
 * (`freezePageAssets` in tsdown.config.ts), so that the package needs neither files nor a bundler.
 */
export const pageAssets: PageAssets = {
  "playground.html": await read("playground/playground.html"),
  "playground.js": await bundle("playground/main.ts"),
  "playground.css": await styles("playground/playground.css"),
  "docs.css": await styles("docs/docs.css"),
  "docs.js": await bundle("docs/script/main.ts"),
  "icon.svg": await read("icon.svg"),
};

function read(path: string): Promise<string> {
  return readFile(new URL(path, import.meta.url), "utf8");
}

/** The styles of both pages, then the page's own. */
async function styles(path: string): Promise<string> {
  return (await read("theme.css")) + (await read("fields.css")) + (await read(path));
}

async function bundle(path: string): Promise<string> {
  const input = fileURLToPath(new URL(path, import.meta.url));
  await using build = await rolldown({ input, platform: "browser", logLevel: "silent" });
  const { output } = await build.generate({ format: "esm", minify: true });
  return output[0].code;
}
