import { defineConfig } from "tsdown";

export default defineConfig({
  entry: {
    index: "src/index.ts",
    "provider-utils": "src/provider-utils.ts",
    "request-schema": "src/request/request-schema.ts",
    testing: "src/contract-suite.ts",
  },
  dts: true,
  fixedExtension: false,
});
