import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { rolldown } from "rolldown";

/** Styles and scripts of the pages, by name. */
export interface PageAssets {
  readonly "report.css": string;
  readonly "report.js": string;
  readonly "judge.css": string;
  readonly "judge.js": string;
}

/** In the workspace these are made when a page is first made; the build makes them once and ships the texts. */
export const pageAssets: PageAssets = {
  "report.css": (await read("look.css")) + (await read("report.css")),
  "report.js": await bundle("script/main.ts", "iife"),
  "judge.css": (await read("look.css")) + (await read("../judging/page/judge.css")),
  "judge.js": await bundle("../judging/page/script/main.ts", "esm"),
};

function read(path: string): Promise<string> {
  return readFile(new URL(path, import.meta.url), "utf8");
}

async function bundle(path: string, format: "iife" | "esm"): Promise<string> {
  const input = fileURLToPath(new URL(path, import.meta.url));
  await using build = await rolldown({ input, platform: "browser", logLevel: "silent" });
  const { output } = await build.generate({ format, minify: true });
  return output[0].code;
}
