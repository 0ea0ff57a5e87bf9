import { defineConfig } from "tsdown";

import { loadBuiltinModulesLazily } from "../../builtin-modules.ts";
import { freezePageAssets } from "../../freeze-page-assets.ts";
import { thirdPartyNotices } from "../../third-party-licenses.ts";
import { leanModules } from "./lean-modules.ts";

export default defineConfig({
  // The worker is a program of its own: the first process starts it by its file, which lies beside the rest.
  entry: { index: "src/index.ts", reporting: "src/reporting.ts", worker: "src/server/workers/worker.ts" },
  dts: true,
  fixedExtension: false,
  // What a start needs of other packages is among `devDependencies`, and so part of the bundle: to find, open and read 250 files took a
  // third of the start.
  plugins: [freezePageAssets(), leanModules(), loadBuiltinModulesLazily(), thirdPartyNotices()],
});
