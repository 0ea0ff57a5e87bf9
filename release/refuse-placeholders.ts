/** Every package runs this before it is published, whichever command publishes it. */
import { placeholdersOf, readMetadata } from "./metadata.ts";

const placeholders = placeholdersOf(await readMetadata());
if (placeholders.length > 0) {
  console.error(
    `Not published: release/metadata.json still has placeholders for ${placeholders.join(", ")}. Fill them in and run pnpm release:metadata; docs/releasing.md says more.`,
  );
  process.exitCode = 1;
}
