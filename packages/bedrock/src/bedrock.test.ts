import type { ScoreCall, ScoreResult, Target } from "@dheera-ai/core";
import type { Environment } from "@dheera-ai/core/provider-utils";
import { type Reply, testTarget, type UpstreamRequest, withServer } from "@dheera-ai/core/testing";
import { describe, expect, it } from "vitest";

import { bedrock } from "./bedrock.ts";
import { recordedHttp, type RecordedRequest } from "./testing/recorded-http.ts";
import { invokeModel, type RerankBody, rerankApi, scoresFor } from "./testing/upstreams.ts";

const keys = { aws_access_key_id: "AKIDEXAMPLE", aws_secret_access_key: "secret-word" };
const inOregon = { ...keys, aws_region_name: "us-west-2" };
const cohere = "cohere.rerank-v3-5:0";
const amazon = "amazon.rerank-v1:0";
const documents = ["sea", "the capital", ""];

describe("a request to the Rerank API", () => {
  it("asks for every document, not for the default five, and names the model by its ARN", async () => {
    const { request } = await ask({ model: cohere, options: inOregon });
    expect(request.url).toBe("https://bedrock-agent-runtime.us-west-2.amazonaws.com/rerank");
    expect(request.body).toEqual({
      queries: [{ type: "TEXT", textQuery: { text: "capital" } }],
      sources: ["sea", "the capital", " "].map((text) => ({
        type: "INLINE",
        inlineDocumentSource: { type: "TEXT", textDocument: { text } },
      })),
      rerankingConfiguration: {
        type: "BEDROCK_RERANKING_MODEL",
        bedrockRerankingConfiguration: {
          numberOfResults: 3,
          modelConfiguration: { modelArn: "arn:aws:bedrock:us-west-2::foundation-model/cohere.rerank-v3-5:0" },
        },
      },
    });
    expect(Object.keys(request.headers).sort()).toEqual([
      "accept",
      "authorization",
      "content-type",
      "x-amz-content-sha256",
      "x-amz-date",
    ]);
    expect(request.headers["authorization"]).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/us-west-2\/bedrock\/aws4_request, SignedHeaders=.*host.*, Signature=[0-9a-f]{64}$/,
    );
    expect(JSON.stringify(request)).not.toContain("secret-word");
  });

  it.each([
    { region: "us-gov-west-1", host: "bedrock-agent-runtime.us-gov-west-1.amazonaws.com", partition: "aws-us-gov" },
    { region: "cn-north-1", host: "bedrock-agent-runtime.cn-north-1.amazonaws.com.cn", partition: "aws-cn" },
  ])("goes to the partition of $region", async ({ region, host, partition }) => {
    const { request } = await ask({ model: amazon, options: { ...keys, aws_region_name: region } });
    expect(request.url).toBe(`https://${host}/rerank`);
    expect(arnOf(request)).toBe(`arn:${partition}:bedrock:${region}::foundation-model/${amazon}`);
  });

  it("takes an ARN as it is, and its region", async () => {
    for (const model of [
      `arn:aws:bedrock:ca-central-1::foundation-model/${amazon}`,
      "arn:aws:bedrock:ca-central-1:123456789012:application-inference-profile/abc",
    ]) {
      const { request } = await ask({ model, options: keys, environment: { AWS_REGION_NAME: "us-west-2" } });
      expect(request.url).toBe("https://bedrock-agent-runtime.ca-central-1.amazonaws.com/rerank");
      expect(arnOf(request)).toBe(model);
    }
    expect(() =>
      connect({ model: `arn:aws:bedrock:ca-central-1::foundation-model/${amazon}`, options: inOregon }),
    ).toThrow("aws_region_name is us-west-2, but the model's ARN is of ca-central-1");
  });

  it("follows pages with the whole request, until there is none", async () => {
    const many = Array.from({ length: 5 }, (_, index) => `document ${index}`);
    const { http, requests } = recordedHttp(({ body }) => {
      const { nextToken = "0" } = body as RerankBody;
      const first = Number(nextToken);
      const page = rerankApi.answer(scoresFor(5).slice(first, first + 2));
      return first + 2 < 5 ? { ...page, nextToken: String(first + 2) } : page;
    });
    const { scores } = await score({ model: amazon, options: inOregon, http }, { documents: many });
    expect(scores).toEqual(scoresFor(5));
    const [first, ...later] = requests.map(({ body }) => body);
    expect(later).toEqual([
      { ...Object(first), nextToken: "2" },
      { ...Object(first), nextToken: "4" },
    ]);
    expect(new Set(requests.map(({ headers }) => headers["authorization"])).size).toBe(3);
  });

  it("stops at pages that bring nothing", async () => {
    const { http } = recordedHttp(() => ({ results: [], nextToken: "again" }));
    await expect(score({ model: amazon, options: inOregon, http })).rejects.toMatchObject({
      code: "provider_bad_response",
    });
  });

  it("hands over max_tokens_per_doc to Cohere's model, and says what had no effect", async () => {
    const params = { maxTokensPerDocument: 64, instruction: "prefer capitals", truncate: false } as const;
    const { request, result } = await ask({ model: cohere, options: inOregon }, { params });
    expect(request.body).toMatchObject({
      rerankingConfiguration: {
        bedrockRerankingConfiguration: {
          modelConfiguration: { additionalModelRequestFields: { max_tokens_per_doc: 64 } },
        },
      },
    });
    expect(result.warnings).toEqual([
      "Amazon Bedrock has no truncate: false; it had no effect",
      "Amazon Bedrock has no instruction; it had no effect",
    ]);
    const other = await ask({ model: amazon, options: inOregon }, { params: { maxTokensPerDocument: 64 } });
    expect(JSON.stringify(other.request.body)).not.toContain("additionalModelRequestFields");
    expect(other.result.warnings).toEqual([
      "Amazon Bedrock has no max_tokens_per_doc for this model; it had no effect",
    ]);
  });

  it("is not made for a query that Amazon would refuse", async () => {
    const { http, requests } = recordedHttp(() => ({}));
    await expect(
      score({ model: amazon, options: inOregon, http }, { query: "q".repeat(32_001) }),
    ).rejects.toMatchObject({ code: "invalid_request", param: "query" });
    expect(requests).toEqual([]);
  });

  it("reports search units where they are certain, and none where parts may count as documents", async () => {
    const usageOf = async (count: number, text: string): Promise<unknown> =>
      (await ask({ model: amazon, options: inOregon }, { documents: Array(count).fill(text) })).result.usage;
    expect(await usageOf(100, "short")).toEqual({ searchUnits: 1 });
    expect(await usageOf(101, "short")).toEqual({ searchUnits: 2 });
    expect(await usageOf(1, "x".repeat(493))).toEqual({ searchUnits: 1 });
    expect(await usageOf(1, "x".repeat(494))).toBeUndefined();
    expect(await usageOf(1, "語".repeat(200))).toBeUndefined();
  });
});

describe("a Bedrock API key", () => {
  it("asks InvokeModel, in Cohere's format and with version 2", async () => {
    const { request } = await ask({
      model: cohere,
      apiKey: " bearer-key\n",
      options: { aws_region_name: "us-east-1" },
      params: { maxTokensPerDocument: 9 },
    });
    expect(request).toEqual({
      url: "https://bedrock-runtime.us-east-1.amazonaws.com/model/cohere.rerank-v3-5%3A0/invoke",
      headers: { authorization: "Bearer bearer-key", accept: "application/json" },
      body: {
        query: "capital",
        documents: ["sea", "the capital", " "],
        top_n: 3,
        api_version: 2,
        max_tokens_per_doc: 9,
      },
    });
  });

  it("of the environment serves where the deployment names no AWS credentials", async () => {
    const environment = { AWS_BEARER_TOKEN_BEDROCK: "from-environment", AWS_REGION: "us-east-1" };
    const { request } = await ask({ model: cohere, options: {}, environment });
    expect(request.headers["authorization"]).toBe("Bearer from-environment");
    for (const place of [
      { model: cohere, options: keys },
      { model: amazon, options: {}, environment: { AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "s" } },
    ]) {
      const signed = await ask({ ...place, environment: { ...environment, ...place.environment } });
      expect(signed.request.url).toBe("https://bedrock-agent-runtime.us-east-1.amazonaws.com/rerank");
    }
  });

  it("of the environment goes to Bedrock's hosts and to the address beside it, and nowhere else", async () => {
    const environment = { AWS_BEARER_TOKEN_BEDROCK: "from-environment", AWS_REGION: "us-east-1", ...awsKeys };
    const keyAt = async (apiBase: string, more: object = {}): Promise<string> =>
      (await ask({ model: cohere, options: {}, apiBase, environment: { ...environment, ...more } })).request.headers[
        "authorization"
      ] ?? "";
    expect(await keyAt("https://vpce-1.bedrock-runtime.us-east-1.vpce.amazonaws.com")).toBe("Bearer from-environment");
    expect(await keyAt("https://mine.example", { BEDROCK_API_BASE: "https://mine.example" })).toBe(
      "Bearer from-environment",
    );
    for (const base of [
      "https://mine.example",
      "https://bedrock-runtime.us-east-1.amazonaws.com.evil.example",
      "https://bedrock-runtime.us-east-1.elb.amazonaws.com",
      "http://bedrock-runtime.us-east-1.amazonaws.com",
    ])
      expect(await keyAt(base)).not.toContain("from-environment");
  });

  it.each([
    { model: amazon, options: {}, param: "api_key", message: "works with Cohere's models only" },
    { model: cohere, options: { bedrock_api: "rerank" }, param: "api_key", message: "is not taken by the Rerank API" },
    { model: cohere, apiKey: "secret\nword", options: {}, param: "api_key", message: "holds characters" },
  ])("is refused where it cannot work: $message", ({ message, param, ...place }) => {
    const options = { aws_region_name: "us-east-1", ...place.options };
    const attempt = (): unknown => connect({ apiKey: "secret-word", ...place, options });
    expect(attempt).toThrow(expect.objectContaining({ code: "invalid_request", param }));
    expect(attempt).toThrow(message);
    expect(attempt).not.toThrow("secret");
  });
});

describe("the address", () => {
  it.each([
    { name: "api_base", apiBase: "https://vpce-1.bedrock-runtime.us-west-2.vpce.amazonaws.com" },
    {
      name: "aws_bedrock_runtime_endpoint",
      options: { aws_bedrock_runtime_endpoint: "https://vpce-1.bedrock-runtime.us-west-2.vpce.amazonaws.com/" },
    },
    {
      name: "AWS_BEDROCK_RUNTIME_ENDPOINT",
      environment: {
        AWS_BEDROCK_RUNTIME_ENDPOINT: "https://vpce-1.bedrock-agent-runtime.us-west-2.vpce.amazonaws.com",
        BEDROCK_API_BASE: "https://other.example",
      },
    },
    {
      name: "BEDROCK_API_BASE",
      environment: { BEDROCK_API_BASE: "https://vpce-1.bedrock-runtime.us-west-2.vpce.amazonaws.com/rerank" },
    },
  ])(
    "can be said by $name; each API has its host, and the region is in its name",
    async ({ name: _name, ...place }) => {
      const { request } = await ask({ model: amazon, ...place, options: { ...keys, ...place.options } });
      expect(request.url).toBe("https://vpce-1.bedrock-agent-runtime.us-west-2.vpce.amazonaws.com/rerank");
      expect(request.headers["authorization"]).toContain("/us-west-2/bedrock/");
    },
  );

  it("takes the region from the environment in LiteLLM's order, and none by default", async () => {
    const urlWith = async (environment: Environment): Promise<string> =>
      (await ask({ model: amazon, options: keys, environment })).request.url;
    const all = { AWS_REGION_NAME: "eu-west-1", AWS_REGION: "eu-west-2", AWS_DEFAULT_REGION: "eu-west-3" };
    expect(await urlWith(all)).toContain(".eu-west-1.");
    expect(await urlWith({ ...all, AWS_REGION_NAME: "" })).toContain(".eu-west-2.");
    expect(await urlWith({ AWS_DEFAULT_REGION: "eu-west-3" })).toContain(".eu-west-3.");
    const nowhere = { AWS_CONFIG_FILE: "/nowhere", AWS_SHARED_CREDENTIALS_FILE: "/nowhere" };
    await expect(urlWith(nowhere)).rejects.toMatchObject({ code: "invalid_request", param: "aws_region_name" });
    expect(() => connect({ model: cohere, apiKey: "key", options: {}, environment: nowhere })).toThrow(
      "bedrock needs a region",
    );
  });

  it.each([
    { options: { aws_region_name: "us west" }, message: "aws_region_name must be a region" },
    { options: { aws_access_key_id: "AKID" }, message: "give aws_access_key_id and aws_secret_access_key together" },
    { options: { ...keys, aws_sts_endpoint: "sts" }, message: "aws_sts_endpoint must be a URL" },
    {
      options: { ...keys, aws_bedrock_runtime_endpoint: "here" },
      message: "aws_bedrock_runtime_endpoint must be a URL",
    },
    { options: { ...keys, bedrock_api: "converse" }, message: "bedrock_api must be rerank or invoke_model" },
    { options: { ...keys, bedrock_api: "invoke_model" }, message: "bedrock_api: invoke_model is for Cohere's models" },
    { options: { aws_web_identity_token: "token" }, message: "aws_web_identity_token needs aws_role_name" },
  ])("and the parameters are refused before the first call: $message", ({ options, message }) => {
    expect(() => connect({ model: amazon, options })).toThrow(message);
  });
});

describe("a profile of the deployment", () => {
  it("is the same for one model wherever it is asked, with Amazon's limits", async () => {
    const { signal } = new AbortController();
    const profileOf = (model: string): unknown => connect({ model, options: keys }).profile(signal);
    expect(profileOf(amazon)).toEqual({
      scoring: "pointwise",
      scoreKind: "probability",
      billing: "per-search",
      price: { perSearchUnit: 0.001 },
      fingerprint: "bedrock amazon.rerank-v1:0",
      limits: { documentsPerCall: 1_000, charactersPerDocument: 32_000, tokensPerDocument: 32_000 },
    });
    expect(profileOf(`arn:aws:bedrock:us-west-2::foundation-model/${amazon}`)).toEqual(profileOf(amazon));
    expect(profileOf(cohere)).toMatchObject({ limits: { tokensPerDocument: 4_096 }, price: { perSearchUnit: 0.002 } });
  });
});

describe("a refusal", () => {
  it.each([
    {
      status: 403,
      type: "AccessDeniedException",
      code: "provider_auth",
      message: "not in us-east-1: set aws_region_name",
    },
    { status: 403, type: "UnrecognizedClientException", code: "provider_auth", message: "check aws_access_key_id" },
    { status: 403, type: "InvalidSignatureException", code: "provider_auth", message: "check aws_secret_access_key" },
    { status: 400, type: "ValidationException", code: "provider_rejected", message: "amazon.rerank-v1:0" },
    { status: 400, type: "ServiceQuotaExceededException", code: "provider_rate_limited", message: "no quota left" },
    { status: 404, type: "ResourceNotFoundException", code: "provider_failed", message: "eu-central-1, us-west-2" },
    { status: 409, type: "ConflictException", code: "provider_failed", message: "busy" },
    { status: 424, type: "DependencyFailedException", code: "provider_failed", message: "behind it" },
    { status: 429, type: "ThrottlingException", code: "provider_rate_limited", message: "us-east-1" },
    { status: 429, type: "ModelNotReadyException", code: "provider_overloaded", message: "not loaded the model yet" },
    { status: 500, type: "InternalServerException", code: "provider_failed", message: "HTTP 500" },
    { status: 502, type: "BadGatewayException", code: "provider_failed", message: "HTTP 502" },
  ])("of status $status with $type says what to do", async ({ status, type, code, message }) => {
    const headers = { "x-amzn-errortype": `${type}:http://internal.amazon.com/coral/com.amazon.bedrock/` };
    for (const reply of [
      { status, headers, body: { message: "quotes a document" } },
      { status, body: { __type: `com.amazon.bedrock#${type}`, message: "quotes a document" } },
    ]) {
      const failure = await failureAt(reply, { ...keys, aws_region_name: "us-east-1" });
      expect(failure).toMatchObject({
        code,
        upstream: { status, code: type },
        message: expect.stringContaining(message),
      });
      expect(String(failure)).not.toMatch(/quotes|secret-word/);
    }
  });

  it("of a key that has ended is asked once more with another, and no more", async () => {
    const replies = [{ status: 403, headers: { "x-amzn-errortype": "ExpiredTokenException" }, body: {} }];
    expect(await countCalls(replies)).toEqual({ calls: 2, failed: false });
    expect(await countCalls([...replies, ...replies])).toEqual({ calls: 2, failed: true });
  });

  it("of a signature by a wrong clock is asked once more by the server's", async () => {
    const server = new Date(Date.now() + 20 * 60_000);
    const headers = { "x-amzn-errortype": "InvalidSignatureException", date: server.toUTCString() };
    const times: number[] = [];
    const outcome = await countCalls([{ status: 403, headers, body: {} }], (request) => {
      times.push(timeOf(request));
    });
    expect(outcome).toEqual({ calls: 2, failed: false });
    expect(Math.abs((times[1] ?? 0) - server.getTime())).toBeLessThan(60_000);
    // A wrong secret is wrong at any time.
    const wrong = { status: 403, headers: { "x-amzn-errortype": "InvalidSignatureException" }, body: {} };
    expect(await countCalls([wrong])).toEqual({ calls: 1, failed: true });
  });
});

const awsKeys = { AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "secret-word" };

interface Place extends Partial<Target> {
  readonly model: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly environment?: Environment;
}

function connect({ environment = {}, ...target }: Place) {
  return bedrock({ environment }).connect(testTarget(target));
}

async function score(place: Place, call: Partial<ScoreCall> = {}): Promise<ScoreResult> {
  const scorer = connect(place);
  try {
    return await scorer.score({
      query: "capital",
      documents,
      params: {},
      providerOptions: {},
      signal: new AbortController().signal,
      ...call,
    });
  } finally {
    await scorer.close?.();
  }
}

/** The one request that a call makes, wherever it goes. */
async function ask(
  { params = {}, ...place }: Place & Pick<Partial<ScoreCall>, "params">,
  call: Partial<ScoreCall> = {},
): Promise<{ readonly request: RecordedRequest; readonly result: ScoreResult }> {
  const count = call.documents?.length ?? documents.length;
  const { http, requests } = recordedHttp(({ url }) =>
    url.endsWith("/invoke") ? invokeModel.answer(scoresFor(count)) : rerankApi.answer(scoresFor(count)),
  );
  const result = await score({ ...place, http }, { params, ...call });
  const [request] = requests;
  if (!request || requests.length > 1) throw new Error(`${requests.length} requests were made`);
  return { request, result };
}

function arnOf({ body }: RecordedRequest): string | undefined {
  return /"modelArn":"([^"]+)"/.exec(JSON.stringify(body))?.[1];
}

function failureAt(reply: Reply, options: Place["options"]): Promise<unknown> {
  return withServer(
    () => reply,
    ({ url }) =>
      score({ model: amazon, apiBase: url, options }).then(
        () => undefined,
        (error: unknown) => error,
      ),
  );
}

async function countCalls(
  replies: readonly Reply[],
  look: (request: UpstreamRequest) => void = () => {},
): Promise<{ readonly calls: number; readonly failed: boolean }> {
  let calls = 0;
  const failed = await withServer(
    (request) => {
      look(request);
      return replies[calls++] ?? { body: rerankApi.answer(scoresFor(documents.length)) };
    },
    ({ url }) =>
      score({ model: amazon, apiBase: url, options: inOregon }).then(
        () => false,
        () => true,
      ),
  );
  return { calls, failed };
}

/** Of `20261126T205959Z`. */
function timeOf({ headers }: UpstreamRequest): number {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(headers["x-amz-date"] ?? "") ?? [];
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}
