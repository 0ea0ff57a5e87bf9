import { defineConfig } from "tsdown";

/** `dist/index.js` and `dist/index.d.ts`; what the package depends on is not copied into them. */
export default defineConfig({ entry: "src/index.ts", dts: true, fixedExtension: false });
