import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { buildLibrary } from "../../build-library.ts";

export default {
  ...buildLibrary({ index: "src/index.ts", collection: "src/collection/index.ts" }),
  plugins: [
    {
      name: "third-party-notices",
      async generateBundle() {
        const source = await readFile(join(import.meta.dirname, "third-party-notices.txt"), "utf8");
        this.emitFile({ type: "asset", fileName: "third-party-notices.txt", source });
      },
    },
  ],
};
