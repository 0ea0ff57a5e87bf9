/** What a configuration to start from has beside what each one shows. */
export interface StarterOptions {
  /**
   * A model that is on this machine and can be run: `cross-encoder/ms-marco-MiniLM-L6-v2`. It comes first, so that the
   * playground begins with it.
   */
  readonly localModel?: string | undefined;
  /** A model that somebody chose. It comes before all others. */
  readonly model?: StarterModel | undefined;
  /** Whether callers need the key in `DHEERA_AI_MASTER_KEY`. */
  readonly masterKey?: boolean;
  /** Whether scores and limits are shared through the Redis at `REDIS_URL`. */
  readonly redis?: boolean;
  /** Whether teams and keys are in the database at `DHEERA_AI_DATABASE_URL`. */
  readonly teams?: boolean;
}

/** An entry of the configuration. */
export interface StarterModel {
  /** `cohere/rerank-v5.0-pro` */
  readonly model: string;
  /** Its other parameters: `{ api_key: "os.environ/COHERE_API_KEY" }`. */
  readonly parameters: Readonly<Record<string, string>>;
  /** What has to be said of it, a line each. */
  readonly comment: readonly string[];
}

/**
 * What `dheera_ai init` writes, and `npm create dheera-ai`. `examples/config.yaml` is the same text, as it is with no
 * options.
 */
export function starterConfig({ localModel, model, masterKey, redis, teams }: StarterOptions = {}): string {
  const chosenName = model && servedName(model.model);
  const isLocalChosen = localModel !== undefined && model?.model === `local/${localModel}`;
  const localName = isLocalChosen ? chosenName : localModel && servedName(`local/${localModel}`, chosenName);
  const local = localModel && localName ? localModelFound(localName, localModel) : localModelToCome;
  const isTaken = [chosenName, localName].includes("bge-reranker-base");
  return `# Dheera AI: which rerankers there are, and how to reach them.
# Start it:  dheera_ai --config config.yaml
# Check it:  dheera_ai --config config.yaml --validate_config
#            dheera_ai doctor --config config.yaml

model_list:
${model && chosenName && chosenName !== "bm25" ? chosen(chosenName, model) : ""}${isLocalChosen ? "" : `${local}\n`}  # Works at once, with no account and no network: BM25, which compares words. It is lexical, not neural.
  - model_name: bm25
    dheera_ai_params:
      model: bm25/default

  # A good start where your documents come in the order of a search: that order and the local model as one, by the places
  # that each gives a document. Where they come in no order, put bm25 in place of input_order (docs/combined-models.md).
  # Which of them suits your own queries says:  dheera_ai eval FOLDER --config config.yaml
${localName ? fused(localName) : fusedToCome}
${isTaken ? "" : serverless}  # A server of your own: Text Embeddings Inference, an Inference Endpoint, vLLM, Infinity, llama.cpp …
  # Entries with the same model_name share its traffic.
  # - model_name: my-reranker
  #   dheera_ai_params:
  #     model: huggingface/BAAI/bge-reranker-v2-m3
  #     api_base: http://localhost:8080
  #     api_key: os.environ/MY_RERANKER_KEY   # only where the server wants one

${redis ? sharedByRedis : settingsToCome}
${masterKey || teams ? generalSettings(teams) : masterKeyToCome}`;
}

/**
 * What callers name a model that was chosen: `cohere/rerank-v5.0-pro` → `rerank-v5.0-pro`. Entries of one name share its
 * traffic, so that documents would leave a machine whose owner chose a local model: where another entry has the name,
 * it is the whole of it, `cohere/fused` → `cohere-fused`.
 * @param besides a further name that is given
 */
export function servedName(model: string, besides?: string): string {
  if (model === "bm25/default") return "bm25";
  const name = model.slice(model.lastIndexOf("/") + 1);
  if (!ofOthers.has(name) && name !== besides) return name;
  const whole = model.replaceAll("/", "-");
  return whole === besides ? `${whole}-2` : whole;
}

/** Names of other entries, and what a combined model calls the order in which documents came. */
const ofOthers: ReadonlySet<string> = new Set(["bm25", "fused", "input_order"]);

function fused(localName: string): string {
  return `  - model_name: fused
    dheera_ai_params:
      model: fusion/fused
      models: [input_order, ${JSON.stringify(localName)}]
`;
}

const fusedToCome = `  # - model_name: fused
  #   dheera_ai_params:
  #     model: fusion/fused
  #     models: [input_order, ms-marco-MiniLM-L6-v2]
`;

const localModelToCome = `  # A neural model on this machine, with no account and no server. First, beside the command line and once:
  #   npm install --global @dheera-ai/local onnxruntime-node tokenizers
  #   dheera_ai pull cross-encoder/ms-marco-MiniLM-L6-v2
  # - model_name: ms-marco-MiniLM-L6-v2
  #   dheera_ai_params:
  #     model: local/cross-encoder/ms-marco-MiniLM-L6-v2
`;

function localModelFound(name: string, model: string): string {
  return `  # A neural model that is on this machine: it needs no account and no network.
  - model_name: ${JSON.stringify(name)}
    dheera_ai_params:
      model: ${JSON.stringify(`local/${model}`)}
`;
}

const serverless = `  # Hugging Face serverless. Wants HF_TOKEN in the environment, with the permission
  # "Make calls to Inference Providers"; without it only this model answers with an error.
  - model_name: bge-reranker-base
    dheera_ai_params:
      model: huggingface/BAAI/bge-reranker-base
      api_key: os.environ/HF_TOKEN

`;

function chosen(name: string, { model, parameters, comment }: StarterModel): string {
  const lines = Object.entries({ model, ...parameters }).map(
    ([parameter, value]) => `      ${parameter}: ${JSON.stringify(value)}\n`,
  );
  return `${comment.map((line) => `  # ${line}\n`).join("")}  - model_name: ${JSON.stringify(name)}
    dheera_ai_params:
${lines.join("")}
`;
}

const settingsToCome = `# router_settings:
#   timeout: 30                      # seconds for a whole request, retries included
#   num_retries: 2
#   fallbacks:                       # who serves when every deployment of a model failed
#     - bge-reranker-base: [bm25]

# dheera_ai_settings:
#   cache: true                      # never score the same pair of query and document twice
#   cache_params:
#     type: local
#     max_size_mb: 256
`;

const sharedByRedis = `router_settings:
  redis_url: os.environ/REDIS_URL    # limits hold over all proxies together; while Redis is away each counts for itself
#   timeout: 30                      # seconds for a whole request, retries included
#   num_retries: 2
#   fallbacks:                       # who serves when every deployment of a model failed
#     - bge-reranker-base: [bm25]

dheera_ai_settings:
  cache: true                        # never score the same pair of query and document twice
  cache_params:
    type: redis
    url: os.environ/REDIS_URL
`;

const masterKeyToCome = `# Without a master key only this machine is served. Set one before anyone else may call:
# general_settings:
#   master_key: os.environ/DHEERA_AI_MASTER_KEY
${keysToCome()}`;

function generalSettings(teams: boolean | undefined): string {
  const database = `  # Teams, users and keys are made while the proxy runs. DHEERA_AI_SALT_KEY encrypts what is secret there.
  database_url: os.environ/DHEERA_AI_DATABASE_URL
`;
  return `# Who has the master key may do everything.
general_settings:
  master_key: os.environ/DHEERA_AI_MASTER_KEY
${teams ? database : keysToCome()}`;
}

function keysToCome(): string {
  return `#   keys:                            # one for each caller: dheera_ai keys create --name search-team
#     - name: search-team
#       key: sha256:…
#       models: [bge-reranker-base]
#       rpm: 600
`;
}
