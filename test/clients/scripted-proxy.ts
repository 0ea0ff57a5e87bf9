import { startSimulator } from "../simulator/simulator.ts";
import { startProxy } from "../support/proxy-process.ts";
import { serveHttp } from "../support/serve-http.ts";
import { createFolder } from "../support/temporary-folder.ts";

/** A proxy whose model names say how it answers. */
export interface ScriptedProxy extends AsyncDisposable {
  readonly url: string;
  readonly key: string;
  readonly wrong_key: string;
  readonly models: {
    /** Ranks, and counts tokens. */
    readonly ranks: string;
    /** Ranks, and counts no tokens. */
    readonly ranks_uncounted: string;
    /** Answers 422: its server refuses every document. */
    readonly refuses: string;
    /** Answers 429 with a `Retry-After` of one second: its server's limit is used up. */
    readonly is_limited: string;
  };
}

const key = "sk-client-key-of-the-tests";
const models = {
  ranks: "ranks",
  ranks_uncounted: "ranks-uncounted",
  refuses: "refuses",
  is_limited: "is-limited",
} as const;

/** Starts the real command line program before simulated servers. */
export async function startScriptedProxy(): Promise<ScriptedProxy> {
  const stack = new AsyncDisposableStack();
  const ranking = stack.use(await startSimulator());
  const refusing = stack.use(await startSimulator({ illness: () => "tokenizer" }));
  const limited = stack.use(
    await serveHttp((_, response) => {
      response.writeHead(429, { "content-type": "application/json", "retry-after": "1" });
      response.end('{ "message": "too many requests" }');
    }),
  );
  const folder = stack.use(
    await createFolder({
      "config.yaml": `
model_list:
  - { model_name: ${models.ranks}, dheera_ai_params: { model: huggingface/simulated, api_base: "${ranking.url}" } }
  - { model_name: ${models.ranks_uncounted}, dheera_ai_params: { model: uncounted/model } }
  - { model_name: ${models.refuses}, dheera_ai_params: { model: huggingface/simulated, api_base: "${refusing.url}" } }
  - { model_name: ${models.is_limited}, dheera_ai_params: { model: cohere/limited, api_base: "${limited.url}", api_key: sk-upstream } }
plugins: [./uncounted.js]
router_settings: { num_retries: 0, disable_cooldowns: true }
general_settings: { master_key: ${key} }
`,
      "uncounted.js": uncounted,
    }),
  );
  const proxy = await startProxy(`${folder.path}/config.yaml`);
  stack.defer(async () => void (await proxy.stop()));
  return {
    url: proxy.url,
    key,
    wrong_key: "sk-wrong-key",
    models,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** A provider that knows nothing of tokens. The later a document, the better. */
const uncounted = `export default {
  name: "uncounted",
  connect: () => ({
    profile: () => ({ scoring: "pointwise", scoreKind: "probability", billing: "compute", fingerprint: "uncounted", limits: {} }),
    score: async ({ documents }) => ({
      scores: documents.map((_, index) => ({ index, score: (index + 1) / (documents.length + 1) })),
    }),
  }),
};
`;
