import { builtinModules } from "node:module";

import { esmExternalRequirePlugin } from "rolldown/plugins";
import { defineConfig } from "tsdown";

/** One file with everything in it, for workerd. */
export default defineConfig({
  entry: "src/worker.ts",
  dts: false,
  fixedExtension: false,
  platform: "browser",
  deps: { alwaysBundle: /./, onlyBundle: false },
  // Packages that have a variant for workerd give that.
  inputOptions: { resolve: { conditionNames: ["workerd", "worker", "browser", "import", "default"] } },
  outputOptions: { codeSplitting: false },
  // CommonJS packages require modules of Node.js; workerd only lets them be imported.
  plugins: [esmExternalRequirePlugin({ external: [/^node:/, ...builtinModules] })],
});
