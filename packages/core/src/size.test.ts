import { gzipSync } from "node:zlib";

import { type OutputChunk, rolldown } from "rolldown";
import { expect, it } from "vitest";

/**
 * It was 39 kB. Costs (units, prices, what was saved, what may be billed), names with an asterisk, the tokens of a call,
 * relevant spans and routing by cost took 3 kB.
 */
const most = 43_000;

it("is less than 43 kB, minified and gzipped, dependencies included", async () => {
  const bundle = await rolldown({
    input: `${import.meta.dirname}/index.ts`,
    platform: "neutral",
    resolve: { mainFields: ["module", "main"], conditionNames: ["import"] },
  });
  const { output } = await bundle.generate({ format: "esm", minify: true });
  const chunks = output.filter((file): file is OutputChunk => file.type === "chunk");
  const code = chunks.map((chunk) => chunk.code).join("\n");
  expect(gzipSync(code, { level: 9 }).length).toBeLessThan(most);
});
