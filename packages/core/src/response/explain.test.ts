import { describe, expect, it } from "vitest";

import { createDheera } from "../dheera.ts";
import { DheeraError } from "../errors.ts";
import { mapCache } from "../fixtures/map-cache.ts";
import { pointwise, scoreAll, scriptedProvider } from "../fixtures/scripted-provider.ts";
import type { ModelEntry } from "../routing/settings.ts";

const request = { model: "m", query: "q", documents: ["one", "two", "one", "three"], explain: true };

function deployment(model: string, params: Partial<ModelEntry["dheera_ai_params"]> = {}): ModelEntry {
  return { model_name: "m", dheera_ai_params: { model: `scripted/${model}`, ...params }, model_info: { id: model } };
}

describe("an answer with `explain`", () => {
  it("names each call with its deployment, its documents and its times", async () => {
    const provider = scriptedProvider(scoreAll, { ...pointwise, limits: { documentsPerCall: 2 } });
    const dheera = createDheera({ providers: [provider], model_list: [deployment("a")] });
    const { meta } = await dheera.rerank(request);
    expect(meta.explain).toEqual({
      queue_ms: expect.any(Number),
      upstream_ms: expect.any(Number),
      calls: [
        {
          deployment: "a",
          model: "m",
          documents: [0, 1],
          attempt: 0,
          queue_ms: expect.any(Number),
          duration_ms: expect.any(Number),
        },
        {
          deployment: "a",
          model: "m",
          documents: [3],
          attempt: 0,
          queue_ms: expect.any(Number),
          duration_ms: expect.any(Number),
        },
      ],
      sources: ["computed", "computed", "repeated", "computed"],
    });
  });

  it("says which scores the cache knew", async () => {
    const provider = scriptedProvider();
    const dheera = createDheera({ providers: [provider], model_list: [deployment("a")], cache: mapCache() });
    await dheera.rerank({ ...request, documents: ["two"] });
    const { meta } = await dheera.rerank(request);
    expect(meta.explain).toMatchObject({
      calls: [{ documents: [0, 3] }],
      sources: ["computed", "cached", "repeated", "computed"],
    });
  });

  it("has failed calls with their reason, and the call that came after", async () => {
    let failures = 1;
    const provider = scriptedProvider((call) => {
      if (failures-- > 0) throw new DheeraError("provider_overloaded", "scripted");
      return scoreAll(call);
    });
    const model_list = [deployment("a"), deployment("b")];
    const { meta } = await createDheera({ providers: [provider], model_list }).rerank(request);
    expect(meta.explain?.calls.map(({ attempt, error }) => ({ attempt, error }))).toEqual([
      { attempt: 0, error: "provider_overloaded" },
      { attempt: 1, error: undefined },
    ]);
    expect(new Set(meta.explain?.calls.map((call) => call.deployment))).toEqual(new Set(["a", "b"]));
  });

  it("marks a document that the model refused", async () => {
    const provider = scriptedProvider((call) => {
      if (call.documents.includes("two")) throw new DheeraError("provider_rejected", "scripted");
      return scoreAll(call);
    });
    const dheera = createDheera({ providers: [provider], model_list: [deployment("a")] });
    const { meta } = await dheera.rerank({ ...request, on_document_error: "warn" });
    expect(meta.explain?.sources).toEqual(["computed", "refused", "repeated", "computed"]);
  });

  it("names the calls that failed where the input order is the answer", async () => {
    const provider = scriptedProvider(() => {
      throw new DheeraError("provider_failed", "scripted");
    });
    const model_list = [deployment("a", { on_error: "passthrough" })];
    const dheera = createDheera({ providers: [provider], model_list, router_settings: { num_retries: 0 } });
    const { meta } = await dheera.rerank(request);
    expect(meta.explain).toMatchObject({ calls: [{ deployment: "a", error: "provider_failed" }], sources: [] });
  });
});

it("an answer without `explain` has no explanation", async () => {
  const dheera = createDheera({ providers: [scriptedProvider()], model_list: [deployment("a")] });
  const { meta } = await dheera.rerank({ ...request, explain: false });
  expect(meta).not.toHaveProperty("explain");
});
