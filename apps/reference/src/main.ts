import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { pythonPage, pythonPageFile } from "./python/python-page.ts";
import { entryPoints } from "./typescript/entries.ts";
import { readProgram } from "./typescript/read-program.ts";
import { typescriptFolder, typescriptPages } from "./typescript/typescript-pages.ts";

// It needs Python 3.10 or newer. pnpm --filter @dheera-ai/reference run docs
const entries = entryPoints();
const pages = await typescriptPages(entries, await readProgram(entries));
await rm(typescriptFolder, { recursive: true, force: true });
await mkdir(typescriptFolder, { recursive: true });
for (const [name, text] of pages) await writeFile(join(typescriptFolder, name), text);
await writeFile(pythonPageFile, await pythonPage());
