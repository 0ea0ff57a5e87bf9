import { buildLibrary } from "../../build-library.ts";

export default {
  ...buildLibrary({
    index: "src/index.ts",
    "provider-utils": "src/provider-utils.ts",
    "request-schema": "src/request/request-schema.ts",
    testing: "src/contract-suite.ts",
  }),
  // The types of `await using`, which compilers that target a year do not load by themselves.
  banner: { dts: '/// <reference lib="esnext.disposable" />' },
};
