import { readFile, writeFile } from "node:fs/promises";

import { generatedParts, renewPart } from "./generated-parts.ts";

// pnpm --filter @dheera-ai/proxy run docs
for (const part of generatedParts) await writeFile(part.page, renewPart(await readFile(part.page, "utf8"), part));
