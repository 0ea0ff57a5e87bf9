import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

import { CohereClient, CohereClientV2 } from "cohere-ai";
import { rerank } from "dheera-ai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { oracleRanking } from "../simulator/oracle.ts";
import { type Simulator, startSimulator } from "../simulator/simulator.ts";
import { needs } from "../support/programs.ts";
import { type ProxyProcess, startProxy } from "../support/proxy-process.ts";
import { createFolder } from "../support/temporary-folder.ts";

const masterKey = "sk-master-1234";
const token = "hf_token-1234";
const customKey = "your-custom-api-key";

const query = "What is the capital of the United States?";
const documents = [
  "Carson City is the capital city of the American state of Nevada.",
  "The Commonwealth of the Northern Mariana Islands is a group of islands in the Pacific Ocean. Its capital is Saipan.",
  "Washington, D.C. is the capital of the United States. It is a federal district.",
  "Capital punishment has existed in the United States since before it was a country.",
];
const best = oracleRanking(query, documents)
  .slice(0, 3)
  .map(({ index, score }) => ({ index, relevance_score: score }));

describe("the documented examples, against the real process with the documented configuration", () => {
  const stack = new AsyncDisposableStack();
  let server: Simulator;
  let custom: Simulator;
  let proxy: ProxyProcess;

  beforeAll(async () => {
    server = stack.use(await startSimulator({ apiKey: token }));
    custom = stack.use(await startSimulator({ apiKey: customKey }));
    const folder = stack.use(
      await createFolder({
        "config.yaml": configuration(server.url, custom.url),
        "my-provider.js": providerModule("mine", 0.25),
        "node_modules/@acme/dheera-provider/package.json":
          '{ "name": "@acme/dheera-provider", "type": "module", "exports": "./index.js" }',
        "node_modules/@acme/dheera-provider/index.js": providerModule("acme", 0.75),
      }),
    );
    proxy = await startProxy(join(folder.path, "config.yaml"), { HF_TOKEN: token, DHEERA_AI_MASTER_KEY: masterKey });
  });

  afterAll(async () => {
    expect(await proxy.stop()).toBe(0);
    await stack.disposeAsync();
  });

  it("curl", needs("curl"), async () => {
    const { stdout } = await promisify(execFile)("curl", [
      "--silent",
      `${proxy.url}/rerank`,
      "-H",
      `Authorization: Bearer ${masterKey}`,
      "-H",
      "Content-Type: application/json",
      "-d",
      JSON.stringify({ model: "bge-reranker-base", query, documents, top_n: 3 }),
    ]);
    expect(JSON.parse(stdout)).toMatchObject({
      id: expect.stringMatching(/^[\da-f-]{36}$/),
      results: best,
      meta: { api_version: { version: "2", is_experimental: false }, billed_units: {} },
    });
  });

  it("the library, straight to the endpoint", async () => {
    const response = await rerank({
      model: "huggingface/BAAI/bge-reranker-base",
      query,
      documents,
      top_n: 3,
      api_base: custom.url,
      api_key: customKey,
    });
    expect(response.results).toEqual(best);
    expect(Object.keys(response.results[0] ?? {})).toEqual(["index", "relevance_score"]);
  });

  it("the library through the proxy", async () => {
    const response = await rerank({
      model: "bge-reranker-base",
      query,
      documents,
      top_n: 3,
      api_base: proxy.url,
      api_key: masterKey,
    });
    expect(response.results).toEqual(best);
  });

  it.each(["/rerank", "/v1/rerank", "/v2/rerank"])(
    "fetch %s, with every optional field null, as some clients send them",
    async (path) => {
      const body = {
        model: "custom-reranker",
        query,
        documents,
        top_n: null,
        return_documents: null,
        rank_fields: null,
        max_tokens_per_doc: null,
        max_chunks_per_doc: null,
      };
      const response = await post(proxy, path, body);
      expect(response.status).toBe(200);
      expect((await response.json()).results).toEqual(
        oracleRanking(query, documents).map(({ index, score }) => ({ index, relevance_score: score })),
      );
    },
  );

  it("the Cohere client, version 1, with documents in the answer", async () => {
    const cohere = new CohereClient({ token: masterKey, environment: proxy.url });
    const { results } = await cohere.rerank({
      model: "bge-reranker-base",
      query,
      documents,
      topN: 3,
      returnDocuments: true,
    });
    expect(results).toEqual(
      best.map(({ index, relevance_score }) => ({
        index,
        relevanceScore: relevance_score,
        document: { text: documents[index] },
      })),
    );
  });

  it("the Cohere client with a base URL that ends in /v1, which also asks whether its key is good", async () => {
    const cohere = new CohereClient({ token: masterKey, environment: `${proxy.url}/v1` });
    const { results } = await cohere.rerank({ model: "bge-reranker-base", query, documents, topN: 3 });
    expect(results).toEqual(best.map(({ index, relevance_score }) => ({ index, relevanceScore: relevance_score })));
    expect(await cohere.checkApiKey()).toMatchObject({ valid: true });
    const stranger = new CohereClient({ token: "sk-other", environment: `${proxy.url}/v1` });
    await expect(stranger.checkApiKey()).rejects.toMatchObject({ statusCode: 401 });
  });

  it("the Cohere client, version 2", async () => {
    const cohere = new CohereClientV2({ token: masterKey, environment: proxy.url });
    const { results, meta } = await cohere.rerank({ model: "custom-reranker", query, documents, topN: 3 });
    expect(results).toEqual(best.map(({ index, relevance_score }) => ({ index, relevanceScore: relevance_score })));
    // A server of one's own bills nothing.
    expect(meta?.billedUnits).toEqual({});
  });

  it("a client of Text Embeddings Inference, pointed here", async () => {
    const response = await post(proxy, "/rerank", {
      model: "bge-reranker-base",
      query,
      texts: documents,
      raw_scores: false,
    });
    const ranks: { index: number; score: number }[] = await response.json();
    expect(ranks).toEqual(oracleRanking(query, documents));
  });

  it("plugins, by path and by package name", async () => {
    for (const [model, score] of [
      ["by-path", 0.25],
      ["by-name", 0.75],
    ]) {
      const response = await post(proxy, "/rerank", { model, query, documents });
      expect(await response.json()).toMatchObject({
        model,
        results: documents.map((_, index) => ({ index, relevance_score: score })),
      });
    }
  });

  it("the list of models and health", async () => {
    const models = await fetch(`${proxy.url}/v1/models`, { headers: { authorization: `Bearer ${masterKey}` } });
    expect((await models.json()).data.map(({ id }: { id: string }) => id)).toEqual([
      "bge-reranker-base",
      "custom-reranker",
      "by-path",
      "by-name",
    ]);
    expect(await (await fetch(`${proxy.url}/health/liveliness`)).json()).toBe("I'm alive!");
    expect((await fetch(`${proxy.url}/health/readiness`)).status).toBe(200);
  });

  it("send each server its own key and no other", () => {
    for (const { stats } of [server, custom]) expect(Object.keys(stats.statuses)).toEqual(["200"]);
  });

  it("leave no key and no text in the log", () => {
    for (const secret of [masterKey, token, customKey, query, "Carson City"])
      expect(proxy.output()).not.toContain(secret);
  });
});

/** The configuration of the documentation; only the addresses are this machine's, and the plugins' models are added. */
function configuration(serverUrl: string, customUrl: string): string {
  return `model_list:
  - model_name: bge-reranker-base
    dheera_ai_params:
      model: huggingface/BAAI/bge-reranker-base
      api_base: ${serverUrl}
      api_key: os.environ/HF_TOKEN
  - model_name: custom-reranker
    dheera_ai_params:
      model: huggingface/BAAI/bge-reranker-base
      api_base: ${customUrl}
      api_key: ${customKey}
  - model_name: by-path
    dheera_ai_params:
      model: mine/model
  - model_name: by-name
    dheera_ai_params:
      model: acme/model
plugins: ["@acme/dheera-provider", "./my-provider.js"]
general_settings:
  master_key: os.environ/DHEERA_AI_MASTER_KEY
`;
}

/** A provider that gives every document the same score. */
function providerModule(name: string, score: number): string {
  return `export default {
  name: "${name}",
  connect: () => ({
    profile: () => ({ scoring: "pointwise", scoreKind: "probability", billing: "compute", fingerprint: "${name}", limits: {} }),
    score: async ({ documents }) => ({ scores: documents.map((_, index) => ({ index, score: ${score} })) }),
  }),
};
`;
}

function post(proxy: ProxyProcess, path: string, body: unknown): Promise<Response> {
  return fetch(`${proxy.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${masterKey}` },
    body: JSON.stringify(body),
  });
}
