import { mkdir, readFile, rm, writeFile } from "node:fs/promises";

import { generatedParts, renewPart } from "./generated-parts.ts";
import { httpPages, httpPagesFolder } from "./http-reference/http-pages.ts";
import { providerPages, providerPagesFolder } from "./provider-pages.ts";

// pnpm --filter @dheera-ai/proxy run docs
for (const part of generatedParts) await writeFile(part.page, renewPart(await readFile(part.page, "utf8"), part));

// Whole pages: those of what is no more must not stay. All are made first, so that one that cannot be made removes none.
const folders = [
  { folder: providerPagesFolder, pages: providerPages() },
  { folder: httpPagesFolder, pages: httpPages() },
].map(({ folder, pages }) => ({ folder, texts: pages.map(({ page, render }) => [page, render()] as const) }));
for (const { folder, texts } of folders) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const [page, text] of texts) await writeFile(page, text);
}
