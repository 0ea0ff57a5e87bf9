import { pathToFileURL } from "node:url";

import type { Rolldown } from "tsdown";

/**
 * Runs a package's `page-assets.ts` once and puts what it gave in its place: the package ships texts, needs no files and
 * runs where there are none.
 */
export function freezePageAssets(): Rolldown.Plugin {
  return {
    name: "freeze-page-assets",
    async load(id) {
      if (!id.endsWith("/page-assets.ts")) return null;
      const { pageAssets } = await import(pathToFileURL(id).href);
      return { code: `export const pageAssets = ${JSON.stringify(pageAssets)};`, moduleType: "js" };
    },
  };
}
