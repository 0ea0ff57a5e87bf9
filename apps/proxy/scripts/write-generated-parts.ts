import { mkdir, readFile, rm, writeFile } from "node:fs/promises";

import { generatedParts, renewPart } from "./generated-parts.ts";
import { providerPages, providerPagesFolder } from "./provider-pages.ts";

// pnpm --filter @dheera-ai/proxy run docs
for (const part of generatedParts) await writeFile(part.page, renewPart(await readFile(part.page, "utf8"), part));

// Whole pages: those of providers that are no more must not stay.
await rm(providerPagesFolder, { recursive: true, force: true });
await mkdir(providerPagesFolder);
for (const { page, render } of providerPages()) await writeFile(page, render());
