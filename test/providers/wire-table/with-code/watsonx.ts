import { bearerOf, json, query, records, type WireTable } from "../wire-case.ts";

const model = "watsonx/cross-encoder/ms-marco-minilm-l-12-v2";
const dallas = "https://us-south.ml.cloud.ibm.com";
const asked = {
  model_id: "cross-encoder/ms-marco-minilm-l-12-v2",
  query,
  inputs: records,
  parameters: { truncate_input_tokens: 512, return_options: { inputs: false, query: false } },
};

/** IBM's IAM exchanges the key, at its own address or another. */
function exchangeOf(key: string, url: string = "https://iam.cloud.ibm.com/identity/token") {
  return {
    sent: {
      method: "POST",
      url,
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: `grant_type=urn%3Aibm%3Aparams%3Aoauth%3Agrant-type%3Aapikey&apikey=${key}`,
    },
    answer: { access_token: "iam", expires_in: 3600, token_type: "Bearer" },
  };
}

export const watsonx: WireTable = {
  provider: "watsonx",
  headers: bearerOf("iam"),
  body: { ...asked, project_id: "p" },
  answer: {
    model_id: "cross-encoder/ms-marco-minilm-l-12-v2",
    results: [
      { index: 2, score: 2.9 },
      { index: 0, score: -0.9 },
      { index: 1, score: -4.1 },
    ],
    input_token_count: 20,
  },
  cases: [
    {
      entry: `{ model: ${model}, api_base: "${dallas}", api_key: os.environ/KEY, project_id: p }`,
      before: [exchangeOf("key")],
      url: `${dallas}/ml/v1/text/rerank?version=2024-03-13`,
    },
    {
      entry: `{ model: ${model}, api_base: "${dallas}/ml/v1", api_key: os.environ/KEY, watsonx_project: p, api_version: "2025-02-11" }`,
      before: [exchangeOf("key")],
      url: `${dallas}/ml/v1/text/rerank?version=2025-02-11`,
    },
    {
      entry: `{ model: ${model}, space_id: s }`,
      environment: {
        WATSONX_APIKEY: "first",
        WATSONX_API_KEY: "second",
        WATSONX_URL: dallas,
        WATSONX_IAM_URL: "https://iam.test/token",
      },
      before: [exchangeOf("first", "https://iam.test/token")],
      url: `${dallas}/ml/v1/text/rerank?version=2024-03-13`,
      body: { ...asked, space_id: "s" },
    },
    {
      entry: `{ model: ${model} }`,
      environment: { WX_API_KEY: "third", WML_URL: dallas, WX_SPACE_ID: "s", PROJECT_ID: "p" },
      before: [exchangeOf("third")],
      url: `${dallas}/ml/v1/text/rerank?version=2024-03-13`,
    },
    {
      entry: `{ model: ${model}, project_id: p, wx_credentials: { url: "${dallas}", token: os.environ/KEY } }`,
      url: `${dallas}/ml/v1/text/rerank?version=2024-03-13`,
      headers: bearerOf("key"),
    },
    {
      entry: `{ model: ${model}, api_base: "https://cpd.test", zen_api_key: os.environ/KEY, project_id: p }`,
      url: "https://cpd.test/ml/v1/text/rerank?version=2024-03-13",
      headers: { ...json, authorization: "ZenApiKey key" },
    },
    {
      entry: `{ model: ${model}, api_base: "https://cpd.test", project_id: p }`,
      environment: { WATSONX_URL: "https://cpd.test", WATSONX_ZENAPIKEY: "zen", WATSONX_APIKEY: "key" },
      url: "https://cpd.test/ml/v1/text/rerank?version=2024-03-13",
      headers: { ...json, authorization: "ZenApiKey zen" },
    },
    {
      entry: `{ model: ${model}, api_base: "${dallas}", token: os.environ/KEY, project_id: p }`,
      request: { max_tokens_per_doc: 100, truncate: false },
      url: `${dallas}/ml/v1/text/rerank?version=2024-03-13`,
      headers: bearerOf("key"),
      body: {
        ...asked,
        project_id: "p",
        parameters: { truncate_input_tokens: 100, return_options: { inputs: false, query: false } },
      },
    },
  ],
};
