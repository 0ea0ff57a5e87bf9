import { pathToFileURL } from "node:url";

import { type Rolldown, defineConfig } from "tsdown";

export default defineConfig({
  // The worker is a program of its own: the first process starts it by its file, which lies beside the rest.
  entry: { index: "src/index.ts", reporting: "src/reporting.ts", worker: "src/server/workers/worker.ts" },
  dts: true,
  fixedExtension: false,
  plugins: [freezePageAssets()],
});

/**
 * Runs `page-assets.ts` once and puts what it gave in its place: the package ships texts, needs no files and runs where
 * there are none.
 */
function freezePageAssets(): Rolldown.Plugin {
  return {
    name: "freeze-page-assets",
    async load(id) {
      if (!id.endsWith("/pages/page-assets.ts")) return null;
      const { pageAssets } = await import(pathToFileURL(id).href);
      return { code: `export const pageAssets = ${JSON.stringify(pageAssets)};`, moduleType: "js" };
    },
  };
}
