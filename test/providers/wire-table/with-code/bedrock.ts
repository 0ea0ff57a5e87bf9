import { expect } from "vitest";

import { bearerOf, documents, json, query, results, type WireTable } from "../wire-case.ts";

const cohere = "cohere.rerank-v3-5:0";
const amazon = "amazon.rerank-v1:0";

/** The Rerank API, asked for all three documents and not for its default of five. */
function bodyFor(modelArn: string, more: object = {}) {
  return {
    queries: [{ type: "TEXT", textQuery: { text: query } }],
    sources: documents.map((text) => ({
      type: "INLINE",
      inlineDocumentSource: { type: "TEXT", textDocument: { text } },
    })),
    rerankingConfiguration: {
      type: "BEDROCK_RERANKING_MODEL",
      bedrockRerankingConfiguration: { numberOfResults: 3, modelConfiguration: { modelArn, ...more } },
    },
  };
}

function signedBy(accessKeyId: string, region: string, more: object = {}) {
  return {
    ...json,
    "x-amz-date": expect.stringMatching(/^\d{8}T\d{6}Z$/),
    "x-amz-content-sha256": expect.stringMatching(/^[0-9a-f]{64}$/),
    authorization: expect.stringMatching(
      new RegExp(`^AWS4-HMAC-SHA256 Credential=${accessKeyId}/\\d{8}/${region}/bedrock/aws4_request, SignedHeaders=.*`),
    ),
    ...more,
  };
}

const keys = "aws_access_key_id: AKID, aws_secret_access_key: os.environ/KEY";
const oregon = "arn:aws:bedrock:us-west-2::foundation-model";

export const bedrockRerank: WireTable = {
  provider: "bedrock by the Rerank API",
  headers: signedBy("AKID", "us-west-2"),
  body: bodyFor(`${oregon}/${cohere}`),
  answer: {
    results: [
      { index: 2, relevanceScore: 0.9 },
      { index: 0, relevanceScore: 0.4 },
      { index: 1, relevanceScore: 0.1 },
    ],
  },
  cases: [
    {
      entry: `{ model: "bedrock/${oregon}/${cohere}", ${keys}, aws_region_name: us-west-2 }`,
      url: "https://bedrock-agent-runtime.us-west-2.amazonaws.com/rerank",
    },
    {
      entry: `{ model: "bedrock/${cohere}", ${keys}, aws_session_token: session }`,
      environment: { AWS_REGION_NAME: "us-west-2", AWS_REGION: "eu-central-1" },
      url: "https://bedrock-agent-runtime.us-west-2.amazonaws.com/rerank",
      headers: signedBy("AKID", "us-west-2", { "x-amz-security-token": "session" }),
    },
    {
      entry: `{ model: "bedrock/${amazon}" }`,
      environment: { AWS_ACCESS_KEY_ID: "ENV", AWS_SECRET_ACCESS_KEY: "secret", AWS_REGION: "eu-central-1" },
      url: "https://bedrock-agent-runtime.eu-central-1.amazonaws.com/rerank",
      headers: signedBy("ENV", "eu-central-1"),
      body: bodyFor(`arn:aws:bedrock:eu-central-1::foundation-model/${amazon}`),
    },
    {
      entry: `{ model: "bedrock/${cohere}", ${keys}, aws_region_name: us-west-2, aws_bedrock_runtime_endpoint: "https://vpce-1.bedrock-runtime.us-west-2.vpce.amazonaws.com" }`,
      request: { max_tokens_per_doc: 100 },
      url: "https://vpce-1.bedrock-agent-runtime.us-west-2.vpce.amazonaws.com/rerank",
      body: bodyFor(`${oregon}/${cohere}`, { additionalModelRequestFields: { max_tokens_per_doc: 100 } }),
    },
    {
      entry: `{ model: "bedrock/${amazon}", ${keys}, aws_region_name: us-gov-west-1 }`,
      request: { instruction: "prefer capitals" },
      url: "https://bedrock-agent-runtime.us-gov-west-1.amazonaws.com/rerank",
      headers: signedBy("AKID", "us-gov-west-1"),
      body: bodyFor(`arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/${amazon}`),
      warnings: ["Amazon Bedrock has no instruction; it had no effect"],
    },
  ],
};

export const bedrockInvokeModel: WireTable = {
  provider: "bedrock by InvokeModel",
  headers: bearerOf("key"),
  body: { query, documents, top_n: 3, api_version: 2 },
  answer: { results },
  cases: [
    {
      entry: `{ model: "bedrock/${cohere}", api_key: os.environ/KEY, aws_region_name: us-east-1 }`,
      url: "https://bedrock-runtime.us-east-1.amazonaws.com/model/cohere.rerank-v3-5%3A0/invoke",
    },
    {
      entry: `{ model: "bedrock/${cohere}" }`,
      environment: { AWS_BEARER_TOKEN_BEDROCK: "bearer", AWS_REGION: "us-east-1" },
      request: { max_tokens_per_doc: 100 },
      url: "https://bedrock-runtime.us-east-1.amazonaws.com/model/cohere.rerank-v3-5%3A0/invoke",
      headers: bearerOf("bearer"),
      body: { query, documents, top_n: 3, api_version: 2, max_tokens_per_doc: 100 },
    },
    {
      entry: `{ model: "bedrock/${cohere}", ${keys}, aws_region_name: us-west-2, bedrock_api: invoke_model }`,
      url: "https://bedrock-runtime.us-west-2.amazonaws.com/model/cohere.rerank-v3-5%3A0/invoke",
      headers: signedBy("AKID", "us-west-2"),
    },
  ],
};
