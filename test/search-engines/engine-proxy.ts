import { startSimulator } from "../simulator/simulator.ts";
import { startProxy } from "../support/proxy-process.ts";
import { serveHttp } from "../support/serve-http.ts";
import { createFolder } from "../support/temporary-folder.ts";

/** A proxy whose keys say which of its models an engine gets. */
export interface EngineProxy extends AsyncDisposable {
  readonly url: string;
  /** May use `bge`, which ranks. */
  readonly key: string;
  /** May use that model once a minute. */
  readonly slowKey: string;
  /** May use a model whose server refuses every document. */
  readonly refusingKey: string;
  /** May use a model whose server answers 429. */
  readonly busyKey: string;
  /** May use a model whose server is not there. */
  readonly lonelyKey: string;
}

const key = "sk-engine-key-of-the-tests";
const slowKey = "sk-slow-key-of-the-tests";
const refusingKey = "sk-refusing-key-of-the-tests";
const busyKey = "sk-busy-key-of-the-tests";
const lonelyKey = "sk-lonely-key-of-the-tests";

/** Starts the real command line program before simulated servers. */
export async function startEngineProxy(): Promise<EngineProxy> {
  const stack = new AsyncDisposableStack();
  const ranking = stack.use(await startSimulator());
  const refusing = stack.use(await startSimulator({ illness: () => "tokenizer" }));
  const busy = stack.use(
    await serveHttp((request, response) => {
      request.resume();
      response.writeHead(429, { "content-type": "application/json", "retry-after": "1" });
      response.end('{ "message": "too many requests" }');
    }),
  );
  const deployment = (name: string, model: string, url: string): object => ({
    model_name: name,
    dheera_ai_params: { model, api_base: url, api_key: "sk-upstream", max_retries: 0 },
  });
  const config = {
    model_list: [
      deployment("bge", "huggingface/BAAI/bge-reranker-base", ranking.url),
      deployment("refusing", "huggingface/BAAI/bge-reranker-base", refusing.url),
      deployment("busy", "cohere/busy", busy.url),
      deployment("lonely", "cohere/lonely", "http://127.0.0.1:9"),
    ],
    router_settings: { num_retries: 0, disable_cooldowns: true },
    general_settings: {
      master_key: "sk-master-key-of-the-tests",
      keys: [
        { name: "engine", key: "os.environ/ENGINE", models: ["bge"] },
        { name: "slow", key: "os.environ/SLOW", models: ["bge"], rpm: 1 },
        { name: "refusing", key: "os.environ/REFUSING", models: ["refusing"] },
        { name: "busy", key: "os.environ/BUSY", models: ["busy"] },
        { name: "lonely", key: "os.environ/LONELY", models: ["lonely"] },
      ],
    },
  };
  // JSON is YAML.
  const folder = stack.use(await createFolder({ "config.yaml": JSON.stringify(config) }));
  const proxy = stack.use(
    await startProxy(`${folder.path}/config.yaml`, {
      ENGINE: key,
      SLOW: slowKey,
      REFUSING: refusingKey,
      BUSY: busyKey,
      LONELY: lonelyKey,
    }),
  );
  return {
    url: proxy.url,
    key,
    slowKey,
    refusingKey,
    busyKey,
    lonelyKey,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
