import { gzipSync } from "node:zlib";

import { type OutputChunk, rolldown } from "rolldown";
import { expect, it } from "vitest";

const most = 25_000;

it("loads less than 25 kB, minified and gzipped, dependencies included, when it is imported", async () => {
  const bundle = await rolldown({
    input: `${import.meta.dirname}/index.ts`,
    platform: "neutral",
    resolve: { mainFields: ["module", "main"], conditionNames: ["import"] },
  });
  const { output } = await bundle.generate({ format: "esm", minify: true });
  const chunks = output.filter((file): file is OutputChunk => file.type === "chunk");
  const loaded = loadedWith(
    chunks.filter(({ isEntry }) => isEntry).map(({ fileName }) => fileName),
    chunks,
  );
  const code = loaded.map((chunk) => chunk.code).join("\n");
  expect(gzipSync(code, { level: 9 }).length).toBeLessThan(most);
});

/** What an import loads at once: what is imported dynamically schedule until it is needed. */
function loadedWith(names: readonly string[], chunks: readonly OutputChunk[]): readonly OutputChunk[] {
  const loaded = new Set<OutputChunk>();
  const visit = (name: string): void => {
    const chunk = chunks.find(({ fileName }) => fileName === name);
    if (!chunk || loaded.has(chunk)) return;
    loaded.add(chunk);
    for (const imported of chunk.imports) visit(imported);
  };
  for (const name of names) visit(name);
  return [...loaded];
}
