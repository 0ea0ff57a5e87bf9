import { describe, expect, it } from "vitest";

import type { Profile, Usage } from "../contract.ts";
import { createDheera } from "../dheera.ts";
import { mapCache } from "../fixtures/map-cache.ts";
import { pointwise, scoreAll, scriptedProvider } from "../fixtures/scripted-provider.ts";

const documents = Array.from({ length: 250 }, (_, index) => `document ${index}`);
const request = { model: "scripted/m", query: "q", documents };

function rerank(billing: Profile["billing"], usage?: (documents: number) => Usage) {
  const provider = scriptedProvider(
    (call) => ({ ...scoreAll(call), ...(usage && { usage: usage(call.documents.length) }) }),
    { ...pointwise, billing, limits: { documentsPerCall: 100 } },
  );
  return createDheera({ providers: [provider] }).rerank(request);
}

describe("billed units and usage", () => {
  it("are the upstream's own figures, summed over its calls", async () => {
    const { meta, usage } = await rerank("per-search", (count) => ({ searchUnits: 3, inputTokens: count, cost: 0.5 }));
    expect(meta.billed_units).toEqual({ search_units: 9 });
    expect(meta.tokens).toEqual({ input_tokens: 250, output_tokens: 0 });
    expect(usage).toEqual({ prompt_tokens: 250, completion_tokens: 0, total_tokens: 250, cost: 1.5 });
  });

  it("follow the rule of an upstream that bills per search without naming units", async () => {
    expect((await rerank("per-search")).meta.billed_units).toEqual({ search_units: 3 });
  });

  it("are tokens where the upstream bills per token and counts them", async () => {
    const { meta, usage } = await rerank("per-token", () => ({ inputTokens: 7, outputTokens: 2 }));
    expect(meta.billed_units).toEqual({ input_tokens: 21, output_tokens: 6 });
    expect(usage).toEqual({ prompt_tokens: 21, completion_tokens: 6, total_tokens: 27 });
  });

  it("are not invented where neither figures nor a rule are known", async () => {
    for (const billing of ["compute", "per-token"] as const) {
      const { meta, usage } = await rerank(billing);
      expect([meta.billed_units, meta.tokens, usage]).toEqual([{}, undefined, undefined]);
    }
  });

  it("count nothing for scores that were known", async () => {
    const provider = scriptedProvider((call) => ({ ...scoreAll(call), usage: { searchUnits: 2, inputTokens: 10 } }), {
      ...pointwise,
      billing: "per-search",
    });
    const dheera = createDheera({ providers: [provider], cache: mapCache() });
    await dheera.rerank(request);
    const { meta, usage } = await dheera.rerank(request);
    expect(meta).toMatchObject({ billed_units: { search_units: 0 }, cached_documents: 250 });
    expect(meta.tokens).toEqual({ input_tokens: 0, output_tokens: 0 });
    expect(usage).toEqual({ prompt_tokens: 0, completion_tokens: 0, total_tokens: 0, cost: 0 });
  });
});
