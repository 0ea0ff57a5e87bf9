import { join } from "node:path";

import { oracleLogit, oracleRanking } from "../simulator/oracle.ts";
import { startSimulator } from "../simulator/simulator.ts";
import { startProxy } from "../support/proxy-process.ts";
import { serveHttp } from "../support/serve-http.ts";
import { createFolder } from "../support/temporary-folder.ts";

const query = "What is the capital of the United States?";
const documents = [
  "Carson City is the capital city of the American state of Nevada.",
  "The Commonwealth of the Northern Mariana Islands is a group of islands in the Pacific Ocean. Its capital is Saipan.",
  "Washington, D.C. is the capital of the United States. It is a federal district.",
  "Capital punishment has existed in the United States since before it was a country.",
];
const refused = "a document that the upstream refuses";
const key = "sk-master-1234";
const busyKey = "sk-busy-1234";

/**
 * Two upstreams, one of which refuses every call with 429, and a proxy with and one without keys.
 * @returns what `cases/conftest.py` tells every case
 */
export async function startServers(stack: AsyncDisposableStack): Promise<object> {
  const server = stack.use(await startSimulator({ illness: (text) => (text === refused ? "tokenizer" : undefined) }));
  const busy = stack.use(
    await serveHttp((request, response) => {
      request.resume();
      response.writeHead(429, { "content-type": "application/json", "retry-after": "1" });
      response.end(JSON.stringify({ message: "too many requests" }));
    }),
  );
  const models = {
    model_list: [
      deployment("rerank-model", "huggingface/BAAI/bge-reranker-base", server.url),
      deployment("busy-model", "cohere/any", busy.url),
    ],
    router_settings: { num_retries: 0, disable_cooldowns: true },
  };
  const batches = stack.use(await createFolder());
  const guarded = {
    ...models,
    batch_settings: { storage: batches.path },
    general_settings: {
      master_key: key,
      keys: [{ name: "busy", key: "os.environ/BUSY_KEY", models: ["busy-model"] }],
    },
  };
  // JSON is YAML.
  const folder = stack.use(
    await createFolder({ "guarded.yaml": JSON.stringify(guarded), "keyless.yaml": JSON.stringify(models) }),
  );
  const [proxy, keyless] = await Promise.all([
    startProxy(join(folder.path, "guarded.yaml"), { BUSY_KEY: busyKey }),
    startProxy(join(folder.path, "keyless.yaml")),
  ]);
  stack.defer(async () => {
    await Promise.all([proxy.stop(), keyless.stop()]);
  });
  const ranking = oracleRanking(query, documents);
  return {
    url: proxy.url,
    keyless: keyless.url,
    key,
    busy_key: busyKey,
    query,
    documents,
    order: ranking.map(({ index }) => index),
    scores: ranking.map(({ score }) => score),
    logits: ranking.map(({ index }) => oracleLogit(query, documents[index] ?? "")),
    refused,
    model: "rerank-model",
    busy: "busy-model",
  };
}

function deployment(model_name: string, model: string, api_base: string): object {
  return { model_name, dheera_ai_params: { model, api_base, max_retries: 0 } };
}
