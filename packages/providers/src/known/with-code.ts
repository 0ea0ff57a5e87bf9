import type { KnownModel, KnownProvider } from "./known-provider.ts";

const asOf = { date: "2026-11-25", source: "LiteLLM's price map 1.110.2" };

/** A model of which nothing is known before its server is asked. */
const ofServer: KnownModel = { model: "*", score_kind: "unknown", scoring: "pointwise", billing: "compute" };
const server = { api_key_env: [], models: [ofServer], documentation: {} };
const vertex = {
  documents_per_call: 200,
  score_kind: "probability",
  scoring: "pointwise",
  billing: "per-search",
  price: { per_search: 0.001, ...asOf },
} as const;
const bedrock = {
  documents_per_call: 1_000,
  score_kind: "probability",
  scoring: "pointwise",
  billing: "per-search",
} as const;
const volcengine = {
  documents_per_call: 200,
  score_kind: "unknown",
  scoring: "pointwise",
  billing: "per-token",
} as const;
const watsonx = { score_kind: "logit", scoring: "pointwise", billing: "per-token" } as const;
const local = { scoring: "pointwise", billing: "compute" } as const;
const crossEncoder = { score_kind: "probability", ...local } as const;
const biEncoder = { score_kind: "cosine", ...local } as const;

/** Providers with code of their own. A test compares what their packages say of the same models. */
export const withCode: readonly KnownProvider[] = [
  {
    name: "bedrock",
    label: "Amazon Bedrock",
    package: "@dheera-ai/bedrock",
    api_base_env: ["AWS_BEDROCK_RUNTIME_ENDPOINT", "BEDROCK_API_BASE"],
    api_key_env: ["AWS_BEARER_TOKEN_BEDROCK"],
    models: [
      { model: "amazon.rerank-v1:0", context: 32_000, ...bedrock, price: { per_search: 0.001, ...asOf } },
      { model: "cohere.rerank-v3-5:0", context: 4_096, ...bedrock, price: { per_search: 0.002, ...asOf } },
      { model: "*", ...bedrock },
    ],
    example: { aws_region_name: "us-west-2" },
    documentation: {
      page: "https://docs.aws.amazon.com/bedrock/latest/userguide/rerank.html",
      quirks: [
        "AWS credentials are for the Rerank API; a Bedrock API key is for InvokeModel, and for Cohere's models only",
        "a region has to be named: amazon.rerank-v1:0 is in ap-northeast-1, ca-central-1, eu-central-1 and us-west-2, cohere.rerank-v3-5:0 in us-east-1 too",
        "documents are cut at 32,000 characters, and a longer query is refused",
        "the Rerank API says nothing of what it bills: units are reported for texts of at most 500 bytes, and the cost of longer ones is unknown",
      ],
      unverified: [
        "`max_tokens_per_doc` of Cohere's models at the Rerank API",
        "the Rerank API in the partitions aws-cn and aws-us-gov",
      ],
    },
  },
  {
    name: "vertex_ai",
    label: "Google Vertex AI Search",
    package: "@dheera-ai/vertex",
    api_base: "https://discoveryengine.googleapis.com",
    api_base_env: [],
    api_key_env: ["VERTEXAI_CREDENTIALS", "GOOGLE_APPLICATION_CREDENTIALS"],
    models: [
      { model: "semantic-ranker-default-004", context: 1_024, ...vertex },
      { model: "semantic-ranker-fast-004", context: 1_024, ...vertex },
      { model: "semantic-ranker-default-003", context: 512, ...vertex },
      { model: "semantic-ranker-default-002", context: 512, ...vertex },
      { model: "semantic-ranker-default@latest", ...vertex },
      { model: "semantic-ranker-fast@latest", ...vertex },
    ],
    example: { vertex_project: "my-project" },
    documentation: {
      page: "https://cloud.google.com/generative-ai-app-builder/docs/ranking",
      quirks: [
        "credentials are a service account's, a user's, a workload identity's or the machine's; those of the environment are used for `*.googleapis.com` alone, and any other `api_base` needs `vertex_credentials` of its own",
        "scores have two decimals, so that many documents tie: ties stay in the order of the documents",
        "what is longer than the model reads is cut without a word, and an empty document is sent as `-`, because Google refuses a request with one",
        "rerankers are in `global`, `us` and `eu`: another `vertex_location` is refused, and where `VERTEXAI_LOCATION` is another one, `global` is asked and every answer warns of it",
      ],
      unverified: [
        "the hosts of `us` and `eu`",
        "how many tokens a model reads",
        "more than 200 documents in a call, which newer pages of Google mention",
      ],
    },
  },
  {
    name: "volcengine",
    label: "Volcengine VikingDB",
    package: "@dheera-ai/volcengine",
    api_base: "https://api-vikingdb.vikingdb.cn-beijing.volces.com",
    api_base_env: [],
    api_key_env: ["VOLC_SECRETKEY", "VIKINGDB_SK"],
    models: [
      { model: "doubao-seed-rerank", ...volcengine },
      { model: "*", ...volcengine },
    ],
    example: { volc_access_key_id: "os.environ/VOLC_ACCESSKEY", api_key: "os.environ/VOLC_SECRETKEY" },
    documentation: {
      page: "https://www.volcengine.com/docs/84313/1399545",
      quirks: [
        "a pair of keys signs each request: `volc_access_key_id`, and the secret half as `api_key`, which is never sent",
        "`model_version` chooses a version of the model, `volc_region_name` a region other than cn-beijing",
        "an instruction is sent to the model",
      ],
      unverified: [
        "the limits of a call, which are those of the vendor's knowledge base",
        "what scores mean, and whether results name their documents",
        "where an answer says what it bills",
      ],
    },
  },
  {
    name: "watsonx",
    label: "IBM watsonx.ai",
    package: "@dheera-ai/watsonx",
    api_base_env: ["WATSONX_API_BASE", "WATSONX_URL", "WX_URL", "WML_URL"],
    api_key_env: ["WATSONX_APIKEY", "WATSONX_API_KEY", "WX_API_KEY"],
    models: [
      { model: "cross-encoder/ms-marco-minilm-l-12-v2", context: 512, ...watsonx },
      { model: "*", ...watsonx },
    ],
    example: {
      api_base: "https://us-south.ml.cloud.ibm.com",
      api_key: "os.environ/WATSONX_APIKEY",
      project_id: "my-project",
    },
    documentation: {
      page: "https://cloud.ibm.com/apidocs/watsonx-ai",
      quirks: [
        "scores are logits, often negative; `normalize: sigmoid` makes them 0..1",
        "a key of IBM Cloud is exchanged for a token (`iam_url` says where else), a `zen_api_key` of Cloud Pak for Data is sent as it is, and so is a `token`",
        "a key of the environment goes to `*.ml.cloud.ibm.com` and to the address of the environment, to no other",
        "a project or a deployment space has to be named (`project_id`, `space_id`)",
        "what the model cannot read is refused; `truncate_input_tokens` cuts, up to the model's own maximum",
      ],
      unverified: ["how many documents a call may have", "IBM's words for the reasons of refusals"],
    },
  },
  {
    ...server,
    name: "huggingface",
    label: "Hugging Face",
    api_base: "https://router.huggingface.co/hf-inference",
    api_base_env: ["HF_API_BASE", "HUGGINGFACE_API_BASE"],
    api_key_env: ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HUGGINGFACE_API_KEY"],
  },
  { ...server, name: "hosted_vllm", label: "vLLM", api_base_env: ["HOSTED_VLLM_API_BASE"] },
  { ...server, name: "infinity", label: "Infinity", api_base_env: ["INFINITY_API_BASE"] },
  {
    ...server,
    name: "bm25",
    label: "BM25, in the process",
    runs_here: true,
    api_base_env: [],
    models: [{ ...ofServer, model: "default", scoring: "listwise" }],
  },
  {
    name: "llm",
    label: "Chat models",
    api_base: "https://api.openai.com/v1",
    api_base_env: ["OPENAI_BASE_URL", "OPENAI_API_BASE"],
    api_key_env: ["OPENAI_API_KEY"],
    models: [{ model: "*", score_kind: "rank", scoring: "listwise", billing: "per-token" }],
    documentation: {
      page: "https://platform.openai.com/docs/api-reference/chat",
      quirks: [
        "a model that was built to rerank is usually better at it, and much faster and cheaper: this is for those who have a chat model and nothing else, or want to know how well one would rank",
        "any server that speaks OpenAI's chat completions, at its `api_base` (`https://…/v1`): OpenAI, Azure OpenAI, vLLM, SGLang, Ollama, LM Studio, llama.cpp, OpenRouter, a LiteLLM proxy",
        "`mode: listwise` (default) lets a window of 20 documents slide from the end of the list to its beginning, one prompt after the other: 4 for 50 documents. `tournament` ranks groups at the same time: 6 prompts in 3 steps. `graded` asks for grades from 0 to 10, in batches of 10 at the same time. `pointwise` asks of each document whether it is relevant and takes the probability of yes, where the server gives log-probabilities",
        "a ranking has an order and no scores: `meta.score_kind` is `rank`, scores fall evenly from 1, and `min_score` means nothing. Grades are `unknown`, `pointwise` gives probabilities",
        "a ranking depends on the order in which the documents come, and may be another one the next time",
        "`rpm` and `max_parallel_requests` of a deployment count calls, and a call of `listwise`, `tournament` or `graded` is as many requests as it has prompts. `max_parallel` (8) bounds the requests at one time, over all calls of the deployment",
        "50 documents a request, unless `max_documents` says more: each of them costs",
        "passages are cut to 300 words (`max_words`) and to what `context_window` leaves; `truncate: false` sends them whole",
        "documents are fenced as JSON strings that no document can leave; what they say may still impress a model",
        "answers take seconds: raise `timeout` of the deployment",
        "Qwen3-Reranker and other models with a prompt of their own are asked through `/completions` with `completions: true`",
      ],
      unverified: ["which models of a service take a JSON schema: what a server refuses is learned from its refusal"],
    },
  },
  {
    name: "local",
    label: "Models in the process",
    package: "@dheera-ai/local",
    runtime: ["onnxruntime-node", "tokenizers"],
    runs_here: true,
    api_base_env: [],
    api_key_env: [],
    models: [
      { model: "cross-encoder/ms-marco-MiniLM-L6-v2", context: 512, ...crossEncoder },
      { model: "cross-encoder/ms-marco-MiniLM-L12-v2", context: 512, ...crossEncoder },
      { model: "cross-encoder/ms-marco-TinyBERT-L2-v2", context: 512, ...crossEncoder },
      { model: "mixedbread-ai/mxbai-rerank-xsmall-v1", context: 512, ...crossEncoder },
      { model: "BAAI/bge-reranker-base", context: 512, ...crossEncoder },
      { model: "Alibaba-NLP/gte-reranker-modernbert-base", context: 2_048, ...crossEncoder },
      { model: "sentence-transformers/all-MiniLM-L6-v2", context: 256, ...biEncoder },
      { model: "BAAI/bge-small-en-v1.5", context: 512, ...biEncoder },
      { model: "intfloat/multilingual-e5-small", context: 512, ...biEncoder },
      { model: "*", score_kind: "unknown", ...local },
    ],
    documentation: {
      quirks: [
        "a model is fetched before it is used, by `dheera_ai pull`, and never during a request; `local/./folder` and `local//absolute/folder` are folders of your own",
        "cross-encoders give probabilities (with `raw_scores` their logits), models for embeddings give cosines",
        "the model runs in a child process, on the processor of this machine; deployments with the same model and settings share it",
        "no key and no address: `api_base` and `api_key` have no effect",
        "for models for embeddings the tokens are those of one text, query or document",
      ],
      unverified: [
        "the files of the models above at the Hugging Face Hub, which their owners may change: `dheera_ai pull` says what is there",
      ],
    },
  },
];
