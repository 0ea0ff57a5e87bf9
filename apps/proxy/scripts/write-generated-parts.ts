import { mkdir, readFile, rm, writeFile } from "node:fs/promises";

import { generatedParts, renewPart } from "./generated-parts.ts";
import { httpPages, httpPagesFolder } from "./http-reference/http-pages.ts";
import { providerPages, providerPagesFolder } from "./provider-pages.ts";

// pnpm --filter @dheera-ai/proxy run docs
for (const part of generatedParts) await writeFile(part.page, renewPart(await readFile(part.page, "utf8"), part));

// Whole pages: those of what is no more must not stay.
for (const [folder, pages] of [
  [providerPagesFolder, providerPages()],
  [httpPagesFolder, httpPages()],
] as const) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const { page, render } of pages) await writeFile(page, render());
}
