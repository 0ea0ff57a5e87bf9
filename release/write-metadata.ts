/**
 * Copies what release/metadata.json says to every place that shows it. With `--check` it changes nothing, and fails
 * where a place says something else.
 *
 * pnpm release:metadata [--check]
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { placesOfMetadata, readMetadata } from "./metadata.ts";
import { root } from "./packages.ts";

const check = process.argv.includes("--check");
const metadata = await readMetadata();
for (const { path, write } of await placesOfMetadata()) {
  const file = join(root, path);
  const current = await readFile(file, "utf8");
  const wanted = write(current, metadata);
  if (wanted === current) continue;
  if (check) {
    console.error(`${path} does not show what release/metadata.json says: pnpm release:metadata`);
    process.exitCode = 1;
  } else {
    await writeFile(file, wanted);
    console.log(`${path} written`);
  }
}
