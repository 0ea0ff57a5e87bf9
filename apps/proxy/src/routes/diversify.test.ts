import { join } from "node:path";

import { expect, it } from "vitest";

import { type Proxy, startProxy } from "../fixtures/start-proxy.ts";
import { type Upstream, startUpstream } from "../fixtures/start-upstream.ts";
import { temporaryFolder } from "../fixtures/temporary-folder.ts";

/** The first two say the same; a text's score is the number it begins with. */
const documents = [
  "0.9 the old stone bridge",
  "0.8 the old stone bridge",
  "0.6 seven wizards",
  "0.2 lazy dogs",
  "0.1 brew",
];
const byScore = [0, 1, 2, 3, 4];
const apart = [0, 2, 1, 3, 4];
const asked = { query: "q", documents };
const diversify = { method: "mmr", lambda: 0.5 };

function yamlOf({ url }: Upstream): string {
  const far = `model: huggingface/BAAI/bge-reranker-base, api_base: "${url}"`;
  return `
model_list:
  - { model_name: plain, dheera_ai_params: { ${far} } }
  - { model_name: apart, dheera_ai_params: { ${far}, diversify: { method: mmr, lambda: 0.5 } } }
  - model_name: cascade
    dheera_ai_params:
      model: cascade/apart
      stages: [{ model: plain, keep: 4 }, { model: apart }]
      diversify: { lambda: 0.5 }
  - { model_name: whole, dheera_ai_params: { model: cascade/whole, stages: [{ model: plain, keep: 4 }, { model: apart }] } }
`;
}

async function rank(proxy: Proxy, body: object): Promise<unknown> {
  return (await proxy.post("/rerank", { ...asked, ...body })).json();
}

it.each<[string, object, readonly number[], boolean]>([
  ["plain", {}, byScore, false],
  ["plain", { diversify }, apart, true],
  ["apart", {}, apart, true],
  ["apart", { diversify: null }, byScore, false],
  ["apart", { diversify: { lambda: 1 } }, byScore, false],
  // Only at its end, whatever the models that it asks would do by themselves.
  ["cascade", {}, apart, true],
  ["whole", {}, byScore, false],
  ["whole", { diversify }, apart, true],
])("%s, asked with %j, answers in the order %j", async (model, fields, order, isDiversified) => {
  await using upstream = await startUpstream();
  await using proxy = await startProxy({ yaml: yamlOf(upstream) });
  const results = order.map((index) => ({ index }));
  const answer = await rank(proxy, { ...fields, model });
  expect(answer).toMatchObject({ model, results });
  if (isDiversified) expect(answer).toMatchObject({ meta: { diversified: true } });
  else expect(answer).not.toHaveProperty("meta.diversified");
});

it("gives each document the score that the model gave it, and cuts to top_n at the end", async () => {
  await using upstream = await startUpstream();
  await using proxy = await startProxy({ yaml: yamlOf(upstream) });
  expect(await rank(proxy, { model: "plain", diversify, top_n: 2 })).toMatchObject({
    results: [
      { index: 0, relevance_score: 0.9 },
      { index: 2, relevance_score: 0.6 },
    ],
  });
});

it.each([
  [{ method: "dpp" }, "diversify.method"],
  [{ lambda: 1.5 }, "diversify.lambda"],
  [[0.5], "diversify"],
])("refuses %j with a status that names the field, and asks nobody", async (wrong, param) => {
  await using upstream = await startUpstream();
  await using proxy = await startProxy({ yaml: yamlOf(upstream) });
  for (const model of ["plain", "cascade"]) {
    const response = await proxy.post("/rerank", { ...asked, model, diversify: wrong });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { param, message: expect.stringContaining(`${param}: must be`) },
    });
  }
  expect(upstream.requests).toEqual([]);
});

it.each([
  ["plain: a text", "{ model: bm25/default, diversify: mmr }", "diversify"],
  ["plain: a number outside", "{ model: bm25/default, diversify: { lambda: 2 } }", "diversify.lambda"],
  [
    "combined: a number outside",
    "{ model: cascade/one, stages: [{ model: other }], diversify: { lambda: 2 } }",
    "diversify.lambda",
  ],
])("refuses a configuration (%s), and says where", async (_, params, key) => {
  await using folder = await temporaryFolder({
    "config.yaml": `model_list:
  - { model_name: other, dheera_ai_params: { model: bm25/default } }
  - { model_name: wrong, dheera_ai_params: ${params} }
`,
  });
  const started = startProxy({ configPath: join(folder.path, "config.yaml") });
  await expect(started).rejects.toThrow(/config\.yaml:3/);
  await expect(started).rejects.toThrow(key);
});
