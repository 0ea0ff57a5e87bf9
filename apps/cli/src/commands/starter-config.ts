/**
 * What `dheera_ai init` writes. `examples/config.yaml` is the same text, as it is without a model on this machine.
 * @param localModel a model that is on this machine and can be run: `cross-encoder/ms-marco-MiniLM-L6-v2`. It comes first,
 *   so that the playground begins with it.
 */
export function starterConfig(localModel?: string): string {
  return `# Dheera AI: which rerankers there are, and how to reach them.
# Start it:  dheera_ai --config config.yaml
# Check it:  dheera_ai --config config.yaml --validate_config
#            dheera_ai doctor --config config.yaml

model_list:
${localModel === undefined ? localModelToCome : localModelFound(localModel)}
  # Works at once, with no account and no network: BM25, which compares words. It is lexical, not neural.
  - model_name: bm25
    dheera_ai_params:
      model: bm25/default

  # A good start where your documents come in the order of a search: that order and the local model as one, by the places
  # that each gives a document. Where they come in no order, put bm25 in place of input_order (docs/combined-models.md).
  # Which of them suits your own queries says:  dheera_ai eval FOLDER --config config.yaml
${localModel === undefined ? fusedToCome : fused(nameOf(localModel))}
  # Hugging Face serverless. Wants HF_TOKEN in the environment, with the permission
  # "Make calls to Inference Providers"; without it only this model answers with an error.
  - model_name: bge-reranker-base
    dheera_ai_params:
      model: huggingface/BAAI/bge-reranker-base
      api_key: os.environ/HF_TOKEN

  # A server of your own: Text Embeddings Inference, an Inference Endpoint, vLLM, Infinity, llama.cpp …
  # Entries with the same model_name share its traffic.
  # - model_name: my-reranker
  #   dheera_ai_params:
  #     model: huggingface/BAAI/bge-reranker-v2-m3
  #     api_base: http://localhost:8080
  #     api_key: os.environ/MY_RERANKER_KEY   # only where the server wants one

# router_settings:
#   timeout: 30                      # seconds for a whole request, retries included
#   num_retries: 2
#   fallbacks:                       # who serves when every deployment of a model failed
#     - bge-reranker-base: [bm25]

# dheera_ai_settings:
#   cache: true                      # never score the same pair of query and document twice
#   cache_params:
#     type: local
#     max_size_mb: 256

# Without a master key only this machine is served. Set one before anyone else may call:
# general_settings:
#   master_key: os.environ/DHEERA_AI_MASTER_KEY
#   keys:                            # one for each caller: dheera_ai keys create --name search-team
#     - name: search-team
#       key: sha256:…
#       models: [bge-reranker-base]
#       rpm: 600
`;
}

const nameOf = (model: string): string => model.slice(model.lastIndexOf("/") + 1);

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

function localModelFound(model: string): string {
  return `  # A neural model that is on this machine: it needs no account and no network.
  - model_name: ${JSON.stringify(nameOf(model))}
    dheera_ai_params:
      model: ${JSON.stringify(`local/${model}`)}
`;
}
