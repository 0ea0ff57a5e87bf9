import { describe, expect, it } from "vitest";

import { createDheera } from "../dheera.ts";
import { mapCache } from "../fixtures/map-cache.ts";
import { pointwise, scoreAll, scriptedProvider } from "../fixtures/scripted-provider.ts";

const request = { model: "m", query: "q", documents: ["a", "b"] };

function dheeraOf(provider = scriptedProvider(scoreAll, pointwise, { takesProviderOptions: true })) {
  const dheera = createDheera({
    providers: [provider],
    cache: mapCache(),
    model_list: [
      {
        model_name: "m",
        dheera_ai_params: { model: "scripted/m", provider_options: { priority: 1, region: "eu" } },
      },
    ],
  });
  return { dheera, provider };
}

describe("provider_options", () => {
  it("reach the provider: the configuration's, with the request's key by key on top", async () => {
    const { dheera, provider } = dheeraOf();
    await dheera.rerank(request);
    await dheera.rerank({ ...request, query: "other", provider_options: { scripted: { priority: 9 } } });
    expect(provider.calls.map(({ providerOptions }) => providerOptions)).toEqual([
      { priority: 1, region: "eu" },
      { priority: 9, region: "eu" },
    ]);
  });

  it("are part of what a cached score depends on, in whatever order they are written", async () => {
    const { dheera, provider } = dheeraOf();
    const options = [
      { a: 1, b: { c: 2, d: 3 } },
      { b: { d: 3, c: 2 }, a: 1 },
      { a: 2, b: { c: 2, d: 3 } },
    ];
    for (const scripted of options) await dheera.rerank({ ...request, provider_options: { scripted } });
    await dheera.rerank(request);
    expect(provider.calls).toHaveLength(3);
  });

  it("keep replicas apart that are configured with different ones", async () => {
    const provider = scriptedProvider(scoreAll, { ...pointwise, limits: { documentsPerCall: 8 } });
    const dheera = createDheera({
      providers: [provider],
      model_list: [{ mode: "fast" }, { mode: "exact" }].map((provider_options) => ({
        model_name: "m",
        dheera_ai_params: { model: "scripted/m", provider_options },
      })),
    });
    await dheera.rerank({ ...request, documents: Array.from({ length: 64 }, (_, index) => `document ${index}`) });
    expect(new Set(provider.calls.map(({ providerOptions }) => providerOptions["mode"])).size).toBe(1);
  });

  it("are refused beyond 1,000 values, before they are copied", async () => {
    const values = (count: number) => ({ scripted: { list: Array.from({ length: count }, () => 1) } });
    const { dheera, provider } = dheeraOf();
    await dheera.rerank({ ...request, provider_options: values(998) });
    await expect(dheera.rerank({ ...request, provider_options: values(999) })).rejects.toMatchObject({
      code: "invalid_request",
      param: "provider_options",
      message: "provider_options: holds more than the 1000 values allowed; send only what the provider needs",
    });
    expect(provider.calls).toHaveLength(1);
  });

  it("are said to have no effect where no provider has that name", async () => {
    const ask = async (provider_options: Record<string, Record<string, unknown>>) =>
      (await dheeraOf().dheera.rerank({ ...request, provider_options })).meta.warnings;
    expect(await ask({ scriptd: {} })).toEqual(["provider_options.scriptd had no effect: no provider has this name"]);
    expect(await ask({ "a b\n": {}, other: {} })).toEqual([
      "provider_options had no effect: no provider has this name, nor 1 more of its names",
    ]);
  });

  it("must be an object of objects", async () => {
    for (const provider_options of [1, [], { scripted: 1 }, { scripted: null }]) {
      const input: unknown = { ...request, provider_options };
      await expect(dheeraOf().dheera.rerank(input as never)).rejects.toMatchObject({ code: "invalid_request" });
    }
  });

  it("warn where the provider takes none", async () => {
    const { dheera } = dheeraOf(scriptedProvider());
    const { meta } = await dheera.rerank({ ...request, provider_options: { scripted: { priority: 1 } } });
    expect(meta.warnings).toEqual(["provider_options.scripted had no effect: this provider takes none"]);
  });
});
