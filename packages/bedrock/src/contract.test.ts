import { testProvider, type UpstreamRequest } from "@dheera-ai/core/testing";
import { describe, test } from "vitest";

import { bedrock } from "./bedrock.ts";
import { invokeModel, rerankApi } from "./testing/upstreams.ts";
import { isSigned } from "./testing/verify-signature.ts";

const runner = { describe, test };
const provider = bedrock({ environment: {} });
/** AWS keys are parameters of their own: `api_key` is a Bedrock API key. */
const withoutApiKey = {
  ...provider,
  connect: ({ apiKey: _key, ...target }: Parameters<typeof provider.connect>[0]) => provider.connect(target),
};
const refusals = { 409: "provider_failed", 424: "provider_failed" } as const;
const region = "eu-central-1";
const signed = {
  credentials: "signed",
  signature: {
    header: "authorization",
    verify: (request: UpstreamRequest, secretAccessKey: string) =>
      isSigned(request, { accessKeyId: "AKIDEXAMPLE", secretAccessKey, region, service: "bedrock" }),
  },
  emptyDocument: " ",
  refusals,
} as const;
const options = ({ apiKey }: { readonly apiKey: string }): Readonly<Record<string, string>> => ({
  aws_access_key_id: "AKIDEXAMPLE",
  aws_secret_access_key: apiKey,
  aws_session_token: "session",
  aws_region_name: region,
});

testProvider(
  {
    provider: withoutApiKey,
    model: "amazon.rerank-v1:0",
    options,
    upstream: {
      ...signed,
      readRequest: rerankApi.readTexts,
      answer: (scores) => ({ body: rerankApi.answer(scores), usage: { searchUnits: 1 } }),
    },
  },
  runner,
);

testProvider(
  {
    provider: withoutApiKey,
    model: "cohere.rerank-v3-5:0",
    options: (server) => ({ ...options(server), bedrock_api: "invoke_model" }),
    upstream: {
      ...signed,
      path: "/behind/a/gateway",
      readRequest: invokeModel.readTexts,
      answer: (scores) => ({
        body: { ...invokeModel.answer(scores), meta: { billed_units: { search_units: 2 } } },
        usage: { searchUnits: 2 },
      }),
      answerWithoutUsage: (scores) => ({ body: invokeModel.answer(scores) }),
    },
  },
  runner,
);

testProvider(
  {
    provider,
    model: "cohere.rerank-v3-5:0",
    options: { aws_region_name: region },
    upstream: {
      emptyDocument: " ",
      refusals,
      readRequest: invokeModel.readTexts,
      answer: (scores) => ({ body: invokeModel.answer(scores) }),
    },
  },
  runner,
);
