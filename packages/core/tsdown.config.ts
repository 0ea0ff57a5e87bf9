import { defineConfig } from "tsdown";

export default defineConfig({
  entry: ["src/index.ts", "src/request-schema.ts", "src/testing.ts"],
  dts: true,
  fixedExtension: false,
});
