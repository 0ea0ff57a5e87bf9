import { expect, it } from "vitest";

import type { Score, ScoreCall, Scorer, ScoreResult } from "../contract.ts";
import { type Dheera, createDheera } from "../dheera.ts";
import { mapCache } from "../fixtures/map-cache.ts";
import { pointwise, scoreAll, scriptedProvider } from "../fixtures/scripted-provider.ts";

const request = {
  model: "m",
  query: "q",
  documents: ["one", "two", "one"],
  relevant_spans: { mode: "enabled" },
} as const;
const asksDetails: Scorer["asksDetails"] = (_, { relevantSpans }) => relevantSpans !== undefined;

/** Names the whole of each text as its relevant part. */
function spanning(call: ScoreCall): ScoreResult {
  return withDetails(call, (text) => ({
    relevant_spans: [{ start: 0, end: text.length, score: 1 }],
    index: 99,
    relevance_score: 99,
    note: text,
  }));
}

function withDetails(call: ScoreCall, detailsOf: (text: string) => Score["details"]): ScoreResult {
  return {
    scores: scoreAll(call).scores.map(({ index, score }) => ({
      index,
      score,
      details: detailsOf(call.documents[index] ?? ""),
    })),
  };
}

function dheeraOf(more: Partial<Scorer> = { asksDetails }, answer = spanning, limits = {}) {
  const provider = scriptedProvider(answer, { ...pointwise, limits }, more);
  const dheera: Dheera = createDheera({
    providers: [provider],
    model_list: [{ model_name: "m", dheera_ai_params: { model: "scripted/m" } }],
    cache: mapCache(),
  });
  return { provider, dheera };
}

it("come back in each result, of repeated documents as well, whatever the batches", async () => {
  for (const documentsPerCall of [1, 10]) {
    const { dheera, provider } = dheeraOf({ asksDetails }, spanning, { documentsPerCall });
    const { results, meta } = await dheera.rerank({ ...request, documents: ["one", "three", "one"] });
    for (const { index, relevance_score, relevant_spans } of results) {
      expect(relevant_spans).toEqual([{ start: 0, end: index === 1 ? 5 : 3, score: 1 }]);
      expect(relevance_score).toBeLessThan(1);
    }
    expect(results.map(({ index }) => index).toSorted()).toEqual([0, 1, 2]);
    expect(meta.warnings).toBeUndefined();
    expect(provider.sent().toSorted()).toEqual(["one", "three"]);
  }
});

it("reach the provider as the caller asked for them, and not where they are disabled or null", async () => {
  const { dheera, provider } = dheeraOf();
  await dheera.rerank({ ...request, relevant_spans: { threshold: 0.2, max_spans: 3 } });
  await dheera.rerank({ ...request, relevant_spans: { mode: "disabled", threshold: 0.2 } });
  await dheera.rerank({ ...request, query: "another", relevant_spans: null });
  expect(provider.calls.map(({ params }) => params.relevantSpans)).toEqual([
    { threshold: 0.2, maxSpans: 3 },
    undefined,
    undefined,
  ]);
});

it("are never answered from known scores, nor stored, nor shared", async () => {
  const { dheera, provider } = dheeraOf();
  await Promise.all([dheera.rerank(request), dheera.rerank(request)]);
  expect(provider.calls).toHaveLength(2);
  await dheera.rerank(request);
  expect(provider.calls).toHaveLength(3);
  await dheera.rerank({ ...request, relevant_spans: undefined });
  expect(provider.calls).toHaveLength(4);
  const { results } = await dheera.rerank({ ...request, relevant_spans: undefined });
  expect(provider.calls).toHaveLength(4);
  expect(results[0]).not.toHaveProperty("relevant_spans");
});

it("are warned of where the provider gives none, known scores or not", async () => {
  const { dheera } = dheeraOf({}, scoreAll);
  for (let time = 0; time < 2; time++) {
    const { meta, results } = await dheera.rerank(request);
    expect(meta.warnings).toEqual(["relevant_spans had no effect: the provider scripted gives none for this model"]);
    expect(results[0]).not.toHaveProperty("relevant_spans");
  }
});

it("are left out of documents in chunks, whose positions would mean nothing, with a warning", async () => {
  const { dheera } = dheeraOf({ asksDetails }, spanning, { tokensPerDocument: 40 });
  const documents = ["short", "long words ".repeat(60)];
  const { results, meta } = await dheera.rerank({ ...request, documents, long_documents: "chunk_max" });
  const byIndex = new Map(results.map((result) => [result.index, result]));
  expect(byIndex.get(0)).toHaveProperty("relevant_spans");
  expect(byIndex.get(1)).not.toHaveProperty("relevant_spans");
  expect(meta.warnings).toContain("relevant_spans are left out of documents that were scored in chunks");
});

it("are dropped where they were not asked for", async () => {
  const { dheera } = dheeraOf({});
  const { results } = await dheera.rerank({ ...request, relevant_spans: undefined });
  expect(results.every((result) => !("relevant_spans" in result) && !("note" in result))).toBe(true);
});

it.each<unknown>(["all", [], { mode: "sometimes" }, { threshold: "high" }, { max_spans: 0 }])(
  "are refused by name where they are asked for with %j",
  async (relevant_spans) => {
    const { dheera } = dheeraOf();
    await expect(dheera.rerank({ ...request, relevant_spans } as unknown as typeof request)).rejects.toMatchObject({
      code: "invalid_request",
      param: expect.stringMatching(/^relevant_spans/),
    });
  },
);

it.each<unknown>(["0-3", [null], [{ start: "0", end: 3 }], [{ start: 0 }]])(
  "make an answer unusable that names them as %j",
  async (relevant_spans) => {
    const answer = (call: ScoreCall): ScoreResult => withDetails(call, () => ({ relevant_spans }));
    await expect(dheeraOf({ asksDetails }, answer).dheera.rerank(request)).rejects.toMatchObject({
      code: "provider_bad_response",
      message: expect.stringContaining("scripted"),
    });
  },
);
