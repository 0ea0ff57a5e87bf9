import { createContext, runInContext } from "node:vm";

import { rolldown } from "rolldown";
import { describe, expect, it } from "vitest";

describe.each(["browser", "neutral"] as const)("bundled for the platform %s", (platform) => {
  it("imports nothing that a browser has not, and ranks there", async () => {
    const bundle = await rolldown({
      input: `${import.meta.dirname}/index.ts`,
      platform,
      resolve: { mainFields: ["module", "main"], conditionNames: ["source", "browser", "import"] },
    });
    const { output } = await bundle.generate({ format: "iife", name: "dheeraAi", codeSplitting: false });
    const imported = output.flatMap((file) => (file.type === "chunk" ? [...file.imports, ...file.dynamicImports] : []));
    const own = new Set(output.map(({ fileName }) => fileName));
    expect(imported.filter((name) => !own.has(name))).toEqual([]);

    // What browsers have beside the language.
    const { AbortController, AbortSignal, DOMException, Headers, URL, crypto, performance } = globalThis;
    const browser = {
      AbortController,
      AbortSignal,
      DOMException,
      Headers,
      URL,
      crypto,
      performance,
      setTimeout,
      clearTimeout,
    };
    const code = output.map((file) => (file.type === "chunk" ? file.code : "")).join("\n");
    const ranked: unknown = await runInContext(
      `${code}; dheeraAi.rerank({ model: "bm25/default", query: "capital", documents: ["sea", "the capital"], top_n: 1 })`,
      createContext(browser),
    );
    expect(ranked).toMatchObject({ results: [{ index: 1 }] });
  });
});
