import { pathToFileURL } from "node:url";

import { type Rolldown, defineConfig } from "tsdown";

export default defineConfig({
  entry: ["src/main.ts"],
  dts: false,
  fixedExtension: false,
  plugins: [freezeWorkspace()],
});

/** Reads the workspace once and puts what it says in its place: the package ships texts and needs none of its files. */
function freezeWorkspace(): Rolldown.Plugin {
  return {
    name: "freeze-workspace",
    async load(id) {
      if (!id.endsWith("/create-dheera-ai/src/workspace.ts")) return null;
      const { workspace } = await import(pathToFileURL(id).href);
      return { code: `export const workspace = ${JSON.stringify(workspace)};`, moduleType: "js" };
    },
  };
}
