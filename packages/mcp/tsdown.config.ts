import { defineConfig } from "tsdown";

import { thirdPartyLicenses } from "../../third-party-licenses.ts";

export default defineConfig({
  entry: { index: "src/index.ts" },
  dts: true,
  fixedExtension: false,
  plugins: [
    {
      name: "third-party-licenses",
      async generateBundle(_options: unknown, bundle: Readonly<Record<string, { readonly moduleIds?: string[] }>>) {
        const modules = Object.values(bundle).flatMap(({ moduleIds = [] }) => moduleIds);
        this.emitFile({
          type: "asset",
          fileName: "third-party-notices.txt",
          source: await thirdPartyLicenses(modules),
        });
      },
    },
  ],
});
