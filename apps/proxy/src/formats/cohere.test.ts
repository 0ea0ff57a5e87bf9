import { expect, it } from "vitest";

import { startProxy } from "../fixtures/start-proxy.ts";
import { writtenCohereFormat } from "./cohere.ts";

const yaml = "model_list: [{ model_name: words, dheera_ai_params: { model: bm25/default } }]";
const documents = ["a lost card", "rain", "snow"];

it.each(["/rerank", "/v1/rerank", "/v2/rerank"])("%s writes whole scores with a decimal point", async (path) => {
  await using proxy = await startProxy({ yaml });
  const response = await proxy.post(path, { model: "words", query: "lost card", documents, return_documents: true });
  const text = await response.text();
  const scores = [...text.matchAll(/"relevance_score":([^,}]+)/g)].map(([, score]) => score);
  expect(scores).toEqual([expect.stringMatching(/^\d+\.\d+$/), "0.0", "0.0"]);
  expect(JSON.parse(text).results[1]).toEqual({ index: 1, relevance_score: 0, document: { text: "rain" } });
});

it("keeps the value of every score", () => {
  const scores = [0, -0, 1, -3, 0.5, 1e-7, 1e20, 1e21, 2 ** 53 - 1, 2 ** 60, -(2 ** 60), Number.MAX_VALUE];
  const results = scores.map((relevance_score, index) => ({ index, relevance_score }));
  const meta = {
    billed_units: {},
    api_version: { version: "2", is_experimental: false },
    score_kind: "logit",
  } as const;
  const written = JSON.stringify(writtenCohereFormat({}).answer({ id: "1", model: "m", results, meta }));
  expect(JSON.parse(written).results).toEqual(JSON.parse(JSON.stringify(results)));
  expect(written).not.toMatch(/"relevance_score":-?\d+[,}]/);
});

it("leaves records as they were sent", async () => {
  await using proxy = await startProxy({ yaml });
  const record = { text: "rain", relevance_score: 3, score: 0 };
  const asked = { model: "words", query: "q", documents: [record], return_documents: true };
  const text = await (await proxy.post("/v2/rerank", asked)).text();
  expect(text).toContain(`"document":${JSON.stringify(record)}`);
});
