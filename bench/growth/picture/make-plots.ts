import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { figuresFile, readFigures } from "../figures.ts";
import { plot } from "./plot.ts";

/** Draws what `bench/growth/main.ts --write` measured, without measuring: `node -C source bench/growth/picture/make-plots.ts`. */
const pictures = {
  documents: "docs/images/growth-documents.svg",
  deployments: "docs/images/growth-deployments.svg",
  keys: "docs/images/growth-keys.svg",
  concurrency: "docs/images/growth-concurrency.svg",
  replicas: "docs/images/growth-replicas.svg",
} as const;

for (const [curve, picture] of Object.entries(pictures))
  if (existsSync(figuresFile(curve)))
    writeFileSync(join(import.meta.dirname, "../../..", picture), plot(readFigures(curve)));
