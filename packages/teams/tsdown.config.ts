import { defineConfig } from "tsdown";

export default defineConfig({
  entry: { index: "src/index.ts", litellm: "src/import/litellm.ts" },
  dts: true,
  fixedExtension: false,
});
