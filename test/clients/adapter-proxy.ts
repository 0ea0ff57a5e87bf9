import { once } from "node:events";
import { createServer } from "node:http";

import { parseConfig, startServer } from "@dheera-ai/proxy";

/** A proxy on loopback for the tests of adapters; its model names say how it answers. */
export interface AdapterProxy extends AsyncDisposable {
  readonly url: string;
  /** A key without limits. */
  readonly key: string;
  /** A key for one request in a minute. */
  readonly limitedKey: string;
  /** Requests that have arrived at the server behind `hangs`, which never answers, and those whose callers have gone. */
  readonly hanging: { readonly arrived: number; readonly gone: number };
}

const keys = { key: "sk-key-of-the-tests", limitedKey: "sk-limited-key-of-the-tests" };

/** Names that are no plain words, as a proxy may call its models. */
export const oddNames: readonly string[] = ["my reranker", "büro", "rerank (eu)", "dheera_ai/words"];

/** Its models: `words` and those of `oddNames` rank by BM25, `hangs` never answers, `down` has a server that is not there. */
export async function startAdapterProxy(): Promise<AdapterProxy> {
  await using stack = new AsyncDisposableStack();
  const hanging = { arrived: 0, gone: 0 };
  const upstream = createServer((request, response) => {
    request.resume();
    hanging.arrived++;
    response.on("close", () => hanging.gone++);
  }).listen(0, "127.0.0.1");
  await once(upstream, "listening");
  stack.defer(async () => {
    upstream.closeAllConnections();
    upstream.close();
    await once(upstream, "close");
  });
  const address = upstream.address();
  if (address === null || typeof address === "string") throw new Error("the server does not listen on a port");
  const environment = { LIMITED: keys.limitedKey, LOG_LEVEL: "silent" };
  const { config } = parseConfig(yamlWith(`http://127.0.0.1:${address.port}`), { file: "config.yaml", environment });
  const server = await startServer({ config, environment, host: "127.0.0.1", port: 0, reload: false });
  stack.defer(() => server.close());
  const owned = stack.move();
  return { url: server.url, ...keys, hanging, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

function yamlWith(url: string): string {
  return `
model_list:
  - { model_name: words, dheera_ai_params: { model: bm25/default } }
  - { model_name: hangs, dheera_ai_params: { model: cohere/hangs, api_base: "${url}", api_key: sk-upstream } }
${oddNames.map((name) => `  - { model_name: ${JSON.stringify(name)}, dheera_ai_params: { model: bm25/default } }`).join("\n")}
  - { model_name: down, dheera_ai_params: { model: cohere/down, api_base: "http://127.0.0.1:9", api_key: sk-upstream } }
router_settings: { num_retries: 0, disable_cooldowns: true }
general_settings:
  master_key: ${keys.key}
  keys: [{ name: limited, key: os.environ/LIMITED, rpm: 1 }]
`;
}
