import { defineConfig } from "tsdown";

import { loadBuiltinModulesLazily } from "../../builtin-modules.ts";

export default defineConfig({
  entry: ["src/main.ts"],
  dts: false,
  fixedExtension: false,
  plugins: [loadBuiltinModulesLazily()],
});
