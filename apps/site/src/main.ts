/**
 * Builds the site: `pnpm build:site [--base /v0.1/] [--version 0.1.0] [--tag v0.1.0] [--out folder]`. A link that leads nowhere makes it
 * fail.
 */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { buildPages, stagedFolder } from "./build.ts";
import { checkLinks } from "./checks/check-links.ts";
import { writeFilesForModels } from "./llms.ts";
import { readSections } from "./pages.ts";
import { readRelease } from "./release.ts";
import { sidebar } from "./sidebar.ts";
import { stagePages } from "./stage.ts";

const { values } = parseArgs({
  options: {
    base: { type: "string" },
    version: { type: "string" },
    tag: { type: "string" },
    out: { type: "string", default: fileURLToPath(new URL("../dist", import.meta.url)) },
  },
});
// What is built is the same everywhere, and nothing is told to anybody.
process.env["ASTRO_TELEMETRY_DISABLED"] = "1";
// Vite's names for what is said here: in the environment, where Vitest puts them too, they would win.
for (const name of ["BASE_URL", "DEV", "MODE", "NODE_ENV", "PROD", "SITE", "SSR"]) delete process.env[name];

const root = fileURLToPath(new URL("../../..", import.meta.url));
const release = readRelease(root, values);
const out = resolve(values.out);
const sections = readSections(root, sidebar);

stagePages(root, sections, release, stagedFolder);
await buildPages(sections, release, out);
writeFilesForModels(root, sections, release, out);

const problems = checkLinks(out, release.base);
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else console.log(`${sections.flatMap(({ pages }) => pages).length} pages of ${release.version} in ${out}`);
