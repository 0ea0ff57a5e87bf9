import { defineConfig } from "tsdown";

import { freezePageAssets } from "../../freeze-page-assets.ts";

export default defineConfig({
  // The worker is a program of its own: the first process starts it by its file, which lies beside the rest.
  entry: { index: "src/index.ts", reporting: "src/reporting.ts", worker: "src/server/workers/worker.ts" },
  dts: true,
  fixedExtension: false,
  plugins: [freezePageAssets()],
});
