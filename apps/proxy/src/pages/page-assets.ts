import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { rolldown } from "rolldown";

/** The files that browsers load, by name. */
export interface PageAssets {
  readonly "playground.html": string;
  readonly "playground.js": string;
  readonly "playground.css": string;
  readonly "teams.html": string;
  readonly "teams.js": string;
  /** What administrators look at now and then; loaded by `teams.js`. */
  readonly "teams-administration.js": string;
  readonly "teams.css": string;
  readonly "batches.html": string;
  readonly "batches.js": string;
  readonly "batches.css": string;
  readonly "docs.css": string;
  readonly "docs.js": string;
  readonly "icon.svg": string;
}

const teams = await bundle("teams/main.ts", "teams");

/**
 * In the workspace these are made at the first request for a page. The build makes them once and ships the texts
 * (`freeze-page-assets.ts`), so that the package needs neither files nor a bundler.
 */
export const pageAssets: PageAssets = {
  "playground.html": await read("playground/playground.html"),
  "playground.js": (await bundle("playground/main.ts", "playground"))("playground.js"),
  "playground.css": await styles(
    "parts.css",
    "playground/playground.css",
    "playground/compare/compare.css",
    "playground/judge/judge.css",
  ),
  "teams.html": await read("teams/teams.html"),
  "teams.js": teams("teams.js"),
  "teams-administration.js": teams("teams-administration.js"),
  "teams.css": await styles("parts.css", "sections.css", "teams/teams.css"),
  "batches.html": await read("batches/batches.html"),
  "batches.js": (await bundle("batches/main.ts", "batches"))("batches.js"),
  "batches.css": await styles("parts.css", "sections.css", "batches/batches.css"),
  "docs.css": await styles("docs/docs.css"),
  "docs.js": (await bundle("docs/script/main.ts", "docs"))("docs.js"),
  "icon.svg": await read("icon.svg"),
};

function read(path: string): Promise<string> {
  return readFile(new URL(path, import.meta.url), "utf8");
}

/** The styles of all pages, then the page's own. */
async function styles(...own: readonly string[]): Promise<string> {
  return (await Promise.all(["theme.css", "fields.css", ...own].map(read))).join("");
}

/** @returns its files, by their names: what is loaded later is a file for itself */
async function bundle(path: string, name: string): Promise<(file: string) => string> {
  const input = { [name]: fileURLToPath(new URL(path, import.meta.url)) };
  await using build = await rolldown({ input, platform: "browser", logLevel: "silent" });
  const { output } = await build.generate({
    format: "esm",
    minify: true,
    // A page that was open during an upgrade gets the new file: with names of their own it finds what it needs, or says that it does not.
    minifyInternalExports: false,
    entryFileNames: "[name].js",
    chunkFileNames: `${name}-[name].js`,
  });
  const files = new Map(output.flatMap((file) => (file.type === "chunk" ? [[file.fileName, file.code] as const] : [])));
  return (file) => {
    const code = files.get(file);
    if (code === undefined) throw new Error(`${path} became ${[...files.keys()].join(", ")}, without ${file}`);
    return code;
  };
}
