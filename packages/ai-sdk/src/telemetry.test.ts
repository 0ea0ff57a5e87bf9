import { rerank, type Telemetry } from "ai";
import { createDheera, type Provider } from "dheera-ai";
import { afterAll, expect, it } from "vitest";

import { createDheeraAI } from "./index.ts";

/** Counts tokens, has a price and warns. */
const priced: Provider = {
  name: "priced",
  connect: () => ({
    profile: () => ({
      scoring: "pointwise",
      scoreKind: "probability",
      billing: "per-token",
      fingerprint: "priced",
      limits: {},
      price: { perToken: 0.001 },
      warnings: ["the model is an old one"],
    }),
    score: async ({ documents }) => ({
      scores: documents.map((_, index) => ({ index, score: 0.5 })),
      usage: { inputTokens: 20 },
    }),
  }),
};

afterAll(() => {
  globalThis.AI_SDK_LOG_WARNINGS = undefined;
});

it("telemetry and callbacks of the SDK see usage, cost and warnings", async () => {
  await using instance = createDheera({ providers: [priced] });
  const ended: unknown[] = [];
  const logged: unknown[] = [];
  const integration: Telemetry = { onEnd: (event) => void ended.push(event) };
  globalThis.AI_SDK_LOG_WARNINGS = ({ warnings }) => void logged.push(...warnings);
  await rerank({
    model: createDheeraAI({ dheera: instance })("priced/m"),
    query: "q",
    documents: ["a", "b"],
    telemetry: { integrations: [integration] },
    onEnd: (event) => void ended.push(event),
  });
  const warnings = [{ type: "other", message: "the model is an old one" }];
  const event = {
    operationId: "ai.rerank",
    provider: "dheera.reranking",
    modelId: "priced/m",
    providerMetadata: {
      dheera: {
        usage: { prompt_tokens: 20, total_tokens: 20, cost: 0.02 },
        billed_units: { input_tokens: 20 },
        score_kind: "probability",
        provider: "priced",
      },
    },
    response: { id: expect.any(String), modelId: "priced/m" },
    warnings,
  };
  expect(ended).toEqual([expect.objectContaining({}), expect.objectContaining({})]);
  for (const seen of ended) expect(seen).toMatchObject(event);
  expect(logged).toEqual(warnings);
});
