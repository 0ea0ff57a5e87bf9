import { join } from "node:path";

import { buildLibrary } from "../../build-library.ts";
import { thirdPartyNotices } from "../../third-party-licenses.ts";

export default {
  ...buildLibrary(
    {
      index: "src/index.ts",
      "provider-utils": "src/provider-utils.ts",
      "request-schema": "src/request/request-schema.ts",
      testing: "src/contract-suite.ts",
    },
    {
      plugins: [thirdPartyNotices()],
      // An import of the library needs all that entries share, and each file takes as long to find and open as 20 kB to compile.
      codeSplitting: {
        groups: [{ name: "shared", test: (id) => !id.endsWith(".d.ts"), tags: ["$initial"], minShareCount: 2 }],
      },
    },
  ),
  // The types of `await using`, which compilers that target a year do not load by themselves.
  banner: { dts: '/// <reference lib="esnext.disposable" />' },
  // Part of the package, as browsers get it: what Node.js would get loads a `fetch` that core never calls, and takes most of
  // the time that an import of core takes.
  alias: { ofetch: join(import.meta.dirname, "node_modules/ofetch/dist/index.mjs") },
};
