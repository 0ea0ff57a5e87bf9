import { gzipSync } from "node:zlib";

import { type OutputChunk, rolldown } from "rolldown";
import { expect, it } from "vitest";

/**
 * It was 39 kB. Costs (units, prices, what was saved, what may be billed), names with an asterisk, the tokens of a call,
 * relevant spans and routing by cost took 3 kB. Calibrations took 1 kB: they are checked when a model is configured, and
 * belong to what deployments share a ranking. Models that ask others took 1 kB, for finding and checking them; what ranks with
 * them is loaded when one is first asked. A second order of rankings (`diversify`) took half a kB, for its field and its
 * checks; what it does is loaded late as well. To find members by their ids, so that none leads back to itself, took 0.2 kB.
 * Scores that no cache may keep, and attempts that know which call they are of, took a tenth of a kB; so did the place where
 * processes that share a server decide together. Work in the background took half a kB where it meets the rest, and what
 * splits long documents gave back one and a half: both are loaded late.
 */
const most = 46_600;

it("is less than 46.6 kB, minified and gzipped, dependencies included", async () => {
  const bundle = await rolldown({
    input: `${import.meta.dirname}/index.ts`,
    platform: "neutral",
    resolve: { mainFields: ["module", "main"], conditionNames: ["import"] },
  });
  const { output } = await bundle.generate({ format: "esm", minify: true });
  const chunks = new Map(output.flatMap((file) => (file.type === "chunk" ? [[file.fileName, file]] : [])));
  const loaded = output.filter((file): file is OutputChunk => file.type === "chunk" && file.isEntry);
  // Grows while it is read: what a chunk imports is loaded with it, what it may import later is not.
  for (const { imports } of loaded)
    for (const name of imports) {
      const imported = chunks.get(name);
      if (imported && !loaded.includes(imported)) loaded.push(imported);
    }
  const code = loaded.map((chunk) => chunk.code).join("\n");
  expect(gzipSync(code, { level: 9 }).length).toBeLessThan(most);
});
