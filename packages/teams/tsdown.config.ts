import { defineConfig } from "tsdown";

export default defineConfig({
  entry: { index: "src/index.ts", litellm: "src/import/litellm.ts", "sqlite-reader": "src/database/reader/main.ts" },
  dts: true,
  fixedExtension: false,
});
