import { defineConfig } from "tsdown";

import { thirdPartyNotices } from "../../third-party-licenses.ts";

export default defineConfig({
  entry: { index: "src/index.ts" },
  dts: true,
  fixedExtension: false,
  plugins: [thirdPartyNotices()],
});
