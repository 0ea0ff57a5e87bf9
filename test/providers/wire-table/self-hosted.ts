import { bearer, bearerOf, documents, json, query, results, type WireTable } from "./wire-case.ts";

const scored = [
  { index: 2, score: 0.9 },
  { index: 0, score: 0.4 },
  { index: 1, score: 0.1 },
] as const;
const get = (url: string, headers: Readonly<Record<string, unknown>> = {}) =>
  ({ method: "GET", url, headers, body: null }) as const;
const teiInfo = {
  model_id: "BAAI/bge-reranker-base",
  model_sha: "2cfc18c9415c912f9d8155881c133215df768a70",
  model_dtype: "float16",
  model_type: { reranker: { id2label: { "0": "LABEL_0" }, label2id: { LABEL_0: 0 } } },
  max_concurrent_requests: 512,
  max_input_length: 512,
  max_batch_tokens: 16384,
  max_client_batch_size: 32,
  auto_truncate: true,
  tokenization_workers: 4,
  version: "1.9.3",
};

/** Servers of one's own, which say what they are before they are asked. */
export const selfHosted: readonly WireTable[] = [
  {
    provider: "huggingface",
    headers: bearer,
    body: { query, texts: documents, truncate: true },
    answer: scored,
    cases: [
      {
        entry: "{ model: huggingface/BAAI/bge-reranker-base, api_key: os.environ/KEY, api_base: http://tei.test:8080 }",
        before: [{ sent: get("http://tei.test:8080/info"), answer: teiInfo }],
        url: "http://tei.test:8080/rerank",
      },
      {
        entry: "{ model: huggingface/BAAI/bge-reranker-base }",
        environment: { HF_API_BASE: "http://tei.test:8080", HF_TOKEN: "withheld" },
        before: [{ sent: get("http://tei.test:8080/info"), answer: teiInfo }],
        url: "http://tei.test:8080/rerank",
        headers: json,
      },
    ],
  },
  {
    provider: "hosted_vllm",
    headers: bearer,
    // -1: what is too long is cut at the model's length.
    body: { model: "BAAI/bge-reranker-v2-m3", query, documents, truncate_prompt_tokens: -1 },
    answer: { id: "1", model: "BAAI/bge-reranker-v2-m3", results, usage: { prompt_tokens: 90, total_tokens: 90 } },
    cases: [
      {
        entry:
          "{ model: hosted_vllm/BAAI/bge-reranker-v2-m3, api_key: os.environ/KEY, api_base: http://vllm.test:8000 }",
        before: [{ sent: get("http://vllm.test:8000/v1/models"), answer: modelList("vllm") }],
        url: "http://vllm.test:8000/v1/rerank",
      },
      {
        entry:
          "{ model: hosted_vllm/BAAI/bge-reranker-v2-m3, api_key: os.environ/KEY, api_base: http://vllm.test:8000/v1/rerank }",
        before: [{ sent: get("http://vllm.test:8000/v1/models"), answer: modelList("vllm") }],
        url: "http://vllm.test:8000/v1/rerank",
      },
      {
        entry: "{ model: hosted_vllm/BAAI/bge-reranker-v2-m3 }",
        environment: { HOSTED_VLLM_API_BASE: "http://vllm.test:8000/v1", HOSTED_VLLM_API_KEY: "of-vllm" },
        before: [{ sent: get("http://vllm.test:8000/v1/models"), answer: modelList("vllm") }],
        url: "http://vllm.test:8000/v1/rerank",
        headers: bearerOf("of-vllm"),
      },
    ],
  },
  {
    provider: "infinity",
    headers: bearer,
    body: { model: "BAAI/bge-reranker-v2-m3", query, documents },
    answer: { object: "rerank", id: "1", model: "BAAI/bge-reranker-v2-m3", results, usage: { total_tokens: 90 } },
    cases: [
      {
        entry:
          "{ model: infinity/BAAI/bge-reranker-v2-m3, api_key: os.environ/KEY, api_base: http://infinity.test:7997 }",
        before: [{ sent: get("http://infinity.test:7997/models"), answer: modelList("infinity") }],
        url: "http://infinity.test:7997/rerank",
      },
      {
        entry: "{ model: infinity/BAAI/bge-reranker-v2-m3 }",
        environment: { INFINITY_API_BASE: "http://infinity.test:7997", INFINITY_API_KEY: "of-infinity" },
        before: [{ sent: get("http://infinity.test:7997/models"), answer: modelList("infinity") }],
        url: "http://infinity.test:7997/rerank",
        headers: bearerOf("of-infinity"),
      },
    ],
  },
];

function modelList(owner: string): unknown {
  return {
    object: "list",
    data: [{ id: "BAAI/bge-reranker-v2-m3", object: "model", owned_by: owner, backend: "torch" }],
  };
}
