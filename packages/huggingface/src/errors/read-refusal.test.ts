import type { ErrorCode } from "@dheera-ai/core";
import { describe, expect, test } from "vitest";

import type { Key } from "../endpoint/credentials.ts";
import type { Endpoint } from "../endpoint/endpoint.ts";
import { readRefusal } from "./read-refusal.ts";
import type { Refusal, SentRequest } from "./refusal.ts";

const call = {
  query: "q",
  documents: ["alpha", "beta"],
  params: {},
  providerOptions: {},
  signal: new AbortController().signal,
};
const sent: Key = { kind: "sent", token: "hf_secret", source: "HF_TOKEN" };

function refuse(
  kind: Endpoint["kind"],
  status: number,
  body: unknown,
  more: { key?: Key; headers?: HeadersInit | undefined; request?: Partial<SentRequest> } = {},
): Refusal {
  const endpoint = { kind, model: "acme/model", url: new URL("https://example.com"), keyVariables: [] };
  const request = {
    endpoint,
    key: more.key ?? sent,
    call,
    body: { query: "q", texts: call.documents },
    extraTexts: 0,
    ...more.request,
  } as const;
  return readRefusal({ status, body, headers: new Headers(more.headers) }, request);
}

interface Case {
  readonly source: string;
  readonly kind: Endpoint["kind"];
  readonly status: number;
  readonly body: unknown;
  readonly code: ErrorCode;
  readonly about: Refusal["about"];
  /** What the message must say. */
  readonly says: string;
}

const tei = (error: string, error_type: string): unknown => ({ error, error_type });

const cases: readonly Case[] = [
  // Text Embeddings Inference: JSON errors.
  {
    source: "TEI 1.9, too many texts",
    kind: "server",
    status: 422,
    body: tei("batch size 40 > maximum allowed batch size 32", "Validation"),
    code: "provider_rejected",
    about: "documents",
    says: "at most 32 documents",
  },
  {
    source: "TEI 1.8, too many texts",
    kind: "server",
    status: 413,
    body: tei("batch size 40 > maximum allowed batch size 32", "Validation"),
    code: "provider_rejected",
    about: "documents",
    says: "at most 32 documents",
  },
  {
    source: "TEI, too long",
    kind: "server",
    status: 413,
    body: tei("Input validation error: `inputs` must have less than 512 tokens. Given: 600", "Validation"),
    code: "provider_rejected",
    about: "documents",
    says: "longer than the model takes",
  },
  {
    source: "TEI, too many characters",
    kind: "server",
    status: 422,
    body: tei("Input validation error: `inputs` must have less than 128000 characters. Given: 200000", "Validation"),
    code: "provider_rejected",
    about: "documents",
    says: "longer than the model takes",
  },
  {
    source: "TEI, nothing to score",
    kind: "server",
    status: 400,
    body: tei("Input validation error: `inputs` cannot be empty", "Empty"),
    code: "provider_rejected",
    about: "documents",
    says: "empty texts",
  },
  {
    source: "TEI, tokenizer",
    kind: "server",
    status: 422,
    body: tei("Tokenizer error: unk token missing", "Tokenizer"),
    code: "provider_rejected",
    about: "documents",
    says: "tokenizer",
  },
  {
    source: "TEI, NaN",
    kind: "server",
    status: 424,
    body: tei("Inference error: score is NaN", "Backend"),
    code: "provider_rejected",
    about: "documents",
    says: "NaN",
  },
  {
    source: "TEI, not a re-ranker",
    kind: "server",
    status: 424,
    body: tei("model is not a re-ranker model", "Backend"),
    code: "provider_failed",
    about: "recipe",
    says: "Rerankers are sequence classification models with exactly one label: BAAI/bge-reranker-base",
  },
  {
    source: "TEI, default prompt",
    kind: "server",
    status: 422,
    body: tei("`prompt_name` cannot be set with dual inputs", "Validation"),
    code: "provider_failed",
    about: "server",
    says: "--default-prompt",
  },
  {
    source: "TEI, back end",
    kind: "server",
    status: 424,
    body: tei("Inference error: CUDA_ERROR_OUT_OF_MEMORY", "Backend"),
    code: "provider_failed",
    about: "server",
    says: "server's log",
  },
  {
    source: "TEI, no permits",
    kind: "server",
    status: 429,
    body: tei("Model is overloaded", "Overloaded"),
    code: "provider_overloaded",
    about: "server",
    says: "no place free",
  },
  {
    source: "TEI, as its OpenAPI file writes the type",
    kind: "server",
    status: 429,
    body: tei("busy", "overloaded"),
    code: "provider_overloaded",
    about: "server",
    says: "no place free",
  },
  {
    source: "TEI, unhealthy",
    kind: "server",
    status: 503,
    body: tei("unhealthy", "Unhealthy"),
    code: "provider_failed",
    about: "server",
    says: "unhealthy",
  },
  {
    source: "TEI, unhealthy at an endpoint",
    kind: "dedicated",
    status: 503,
    body: tei("unhealthy", "Unhealthy"),
    code: "provider_failed",
    about: "server",
    says: "unhealthy",
  },
  // Text Embeddings Inference: its framework's text errors under the same statuses.
  {
    source: "axum, wrong shape",
    kind: "server",
    status: 422,
    body: "Failed to deserialize the JSON body into the target type: missing field `texts` at line 1",
    code: "provider_failed",
    about: "recipe",
    says: "name what it is with `server`",
  },
  {
    source: "axum, body too large",
    kind: "server",
    status: 413,
    body: "Failed to buffer the request body: length limit exceeded",
    code: "provider_rejected",
    about: "documents",
    says: "more bytes",
  },
  {
    source: "axum, content type",
    kind: "server",
    status: 415,
    body: "Expected request with `Content-Type: application/json`",
    code: "provider_failed",
    about: "recipe",
    says: "JSON",
  },
  {
    source: "axum, no such path",
    kind: "server",
    status: 404,
    body: "",
    code: "provider_failed",
    about: "recipe",
    says: "api_base",
  },
  {
    source: "axum, no such method",
    kind: "server",
    status: 405,
    body: "",
    code: "provider_failed",
    about: "recipe",
    says: "api_base",
  },
  {
    source: "axum, wrong key",
    kind: "server",
    status: 401,
    body: "",
    code: "provider_auth",
    about: "server",
    says: "the key from HF_TOKEN was refused",
  },
  // Serverless.
  {
    source: "router, unsupported model",
    kind: "serverless",
    status: 400,
    body: { error: "Model not supported by provider hf-inference" },
    code: "provider_failed",
    about: "recipe",
    says: "acme/model is not served by hf-inference",
  },
  {
    source: "router, no credits",
    kind: "serverless",
    status: 402,
    body: { error: "You have exceeded your monthly included credits for Inference Providers. Subscribe to PRO" },
    code: "provider_auth",
    about: "server",
    says: "no Inference Providers credits left",
  },
  {
    source: "router, missing permission",
    kind: "serverless",
    status: 403,
    body: {
      error:
        "This authentication method does not have sufficient permissions to call Inference Providers on behalf of user acme",
    },
    code: "provider_auth",
    about: "server",
    says: 'lacks the permission "Make calls to Inference Providers"',
  },
  {
    source: "router, gated",
    kind: "serverless",
    status: 403,
    body: { error: "Access to model acme/model is restricted" },
    code: "provider_auth",
    about: "server",
    says: "accept its terms on https://huggingface.co/acme/model",
  },
  {
    source: "old host",
    kind: "server",
    status: 410,
    body: {
      error:
        "https://api-inference.huggingface.co is no longer supported. Please use https://router.huggingface.co instead.",
    },
    code: "provider_failed",
    about: "server",
    says: "remove api_base",
  },
  {
    source: "router, rate limit",
    kind: "serverless",
    status: 429,
    body: { error: "Too many requests" },
    code: "provider_rate_limited",
    about: "server",
    says: "rate",
  },
  {
    source: "router, loading",
    kind: "serverless",
    status: 503,
    body: { error: "Model acme/model is currently loading", estimated_time: 20 },
    code: "provider_starting",
    about: "server",
    says: "being loaded",
  },
  {
    source: "router, cold",
    kind: "serverless",
    status: 503,
    body: "Service Temporarily Unavailable",
    code: "provider_starting",
    about: "server",
    says: "being loaded",
  },
  {
    source: "router, gateway",
    kind: "serverless",
    status: 504,
    body: "<html>Gateway Time-out</html>",
    code: "provider_failed",
    about: "server",
    says: "in time",
  },
  // Inference Endpoints.
  {
    source: "endpoint, scaled to zero",
    kind: "dedicated",
    status: 503,
    body: "Service Unavailable",
    code: "provider_starting",
    about: "server",
    says: "starting",
  },
  {
    source: "endpoint, paused",
    kind: "dedicated",
    status: 400,
    body: { error: "Endpoint is paused, ask a maintainer to restart it" },
    code: "provider_failed",
    about: "server",
    says: "resume it",
  },
  {
    source: "endpoint, token of another account",
    kind: "dedicated",
    status: 403,
    body: { error: "Forbidden" },
    code: "provider_auth",
    about: "server",
    says: "may not call this Inference Endpoint",
  },
  {
    source: "toolkit, anything",
    kind: "dedicated",
    status: 400,
    body: { error: "'NoneType' object is not iterable" },
    code: "provider_rejected",
    about: "unclear",
    says: "invalid",
  },
  // Other servers.
  {
    source: "vLLM, too long",
    kind: "server",
    status: 400,
    body: {
      error: {
        message: "This model's maximum context length is 512 tokens. However, you requested 700 tokens",
        type: "BadRequestError",
        param: null,
        code: 400,
      },
    },
    code: "provider_rejected",
    about: "documents",
    says: "longer than the model takes",
  },
  {
    source: "old vLLM, no reranker",
    kind: "server",
    status: 400,
    body: {
      object: "error",
      message: "The model does not support Rerank (Score) API",
      type: "BadRequestError",
      param: null,
      code: 400,
    },
    code: "provider_failed",
    about: "recipe",
    says: "is not a re-ranker",
  },
  {
    source: "vLLM, other model",
    kind: "server",
    status: 404,
    body: {
      error: { message: "The model `acme/model` does not exist.", type: "NotFoundError", param: "model", code: 404 },
    },
    code: "provider_failed",
    about: "server",
    says: "does not serve the model acme/model",
  },
  {
    source: "Infinity, too many documents",
    kind: "server",
    status: 422,
    body: {
      detail: [
        {
          type: "too_long",
          loc: ["body", "documents"],
          msg: "List should have at most 2048 items after validation, not 3000",
        },
      ],
    },
    code: "provider_rejected",
    about: "documents",
    says: "at most 2048 documents",
  },
  {
    source: "Infinity, too many characters",
    kind: "server",
    status: 422,
    body: {
      detail: [
        { type: "string_too_long", loc: ["body", "documents", 0], msg: "String should have at most 122880 characters" },
      ],
    },
    code: "provider_rejected",
    about: "documents",
    says: "longer than the model takes",
  },
  {
    source: "Infinity, overloaded",
    kind: "server",
    status: 429,
    body: { error: { message: "model overloaded", type: null, param: null, code: 429 } },
    code: "provider_overloaded",
    about: "server",
    says: "no place free",
  },
  {
    source: "llama.cpp, loading",
    kind: "server",
    status: 503,
    body: { error: { code: 503, message: "Loading model", type: "unavailable_error" } },
    code: "provider_starting",
    about: "server",
    says: "being loaded",
  },
  {
    source: "llama.cpp, not a reranking server",
    kind: "server",
    status: 501,
    body: {
      error: {
        code: 501,
        message: "This server does not support reranking. Start it with `--reranking`",
        type: "not_supported_error",
      },
    },
    code: "provider_failed",
    about: "server",
    says: "--reranking",
  },
  {
    source: "llama.cpp, too long",
    kind: "server",
    status: 500,
    body: {
      error: {
        code: 500,
        message:
          "input (700 tokens) is too large to process. increase the physical batch size (current batch size: 512)",
        type: "server_error",
      },
    },
    code: "provider_rejected",
    about: "documents",
    says: "longer than the model takes",
  },
  {
    source: "SGLang, blank document",
    kind: "server",
    status: 400,
    body: {
      object: "error",
      message: "Each document cannot be empty or whitespace only",
      type: "BadRequest",
      code: 400,
    },
    code: "provider_rejected",
    about: "documents",
    says: "empty texts",
  },
  // No particular server.
  {
    source: "a proxy without upstream",
    kind: "server",
    status: 502,
    body: "<html>Bad Gateway</html>",
    code: "provider_failed",
    about: "server",
    says: "failed to answer",
  },
  {
    source: "a busy server",
    kind: "server",
    status: 503,
    body: "",
    code: "provider_overloaded",
    about: "server",
    says: "not ready",
  },
  {
    source: "an unknown refusal",
    kind: "server",
    status: 418,
    body: { message: "no" },
    code: "provider_rejected",
    about: "unclear",
    says: "invalid",
  },
];

describe("a refusal", () => {
  test.each(cases)("of $source becomes $code", ({ kind, status, body, code, about, says }) => {
    const refusal = refuse(kind, status, body);
    expect(refusal.error.code).toBe(code);
    expect(refusal.about).toBe(about);
    expect(refusal.error.message).toContain(says);
    expect(refusal.error.message).toContain(`HTTP ${status}`);
  });

  test("for too many texts carries the limit, less one where the query is one of the texts", () => {
    const body = tei("batch size 40 > maximum allowed batch size 32", "Validation");
    expect(refuse("server", 422, body).error.learned).toEqual({ documentsPerCall: 32 });
    expect(refuse("server", 422, body, { request: { extraTexts: 1 } }).error.learned).toEqual({ documentsPerCall: 31 });
  });

  test("for too many bytes carries half of what was sent as the limit, unless one document is too large by itself", () => {
    const body = { query: "q", texts: ["x".repeat(1000), "y".repeat(1000)] };
    const { learned } = refuse("server", 413, "length limit exceeded", { request: { body } }).error;
    expect(learned).toEqual({ bytesPerCall: Math.floor(JSON.stringify(body).length / 2) });
    expect(
      refuse("server", 413, "length limit exceeded", { request: { body, call: { ...call, documents: ["x"] } } }).error
        .learned,
    ).toBeUndefined();
  });

  test.each<{ what: string; status: number; body: unknown; headers: [string, string][]; seconds: number }>([
    {
      what: "estimated_time",
      status: 503,
      body: { error: "Model m is currently loading", estimated_time: 12.5 },
      headers: [],
      seconds: 12.5,
    },
    { what: "Retry-After", status: 503, body: "", headers: [["retry-after", "9"]], seconds: 9 },
    { what: "RateLimit", status: 429, body: "", headers: [["ratelimit", '"api";r=0;t=55']], seconds: 55 },
  ])("carries the time to wait: $what", ({ status, body, headers, seconds }) => {
    expect(refuse("serverless", status, body, { headers }).error.retryAfter).toBe(seconds);
  });

  test.each([
    { status: 401, body: "", permanent: true },
    { status: 403, body: "", permanent: true },
    { status: 404, body: "", permanent: true },
    { status: 404, body: { error: { message: "The model `acme/model` does not exist." } }, permanent: true },
    { status: 404, body: { error: "Model m is currently loading" }, permanent: false },
    { status: 405, body: "", permanent: true },
    { status: 410, body: "", permanent: true },
    { status: 424, body: "", permanent: false },
    { status: 429, body: "", permanent: false },
    { status: 500, body: "", permanent: false },
    { status: 503, body: "", permanent: false },
  ])("of status $status with $body is for good: $permanent", ({ status, body, permanent }) => {
    for (const kind of ["server", "dedicated", "serverless"] as const)
      expect(refuse(kind, status, body).error.permanent).toBe(permanent);
  });

  test("without a token says where to set one", () => {
    expect(refuse("serverless", 401, "", { key: { kind: "none" } }).error.message).toContain("set HF_TOKEN or api_key");
    expect(refuse("server", 401, "", { key: { kind: "none" } }).error.message).toContain("set api_key");
    expect(refuse("server", 401, "", { key: { kind: "withheld", source: "HF_TOKEN" } }).error.message).toContain(
      "HF_TOKEN was not sent",
    );
  });

  test("of Hugging Face names the request id, for its support", () => {
    expect(refuse("serverless", 500, "", { headers: { "x-request-id": "two words" } }).error.message).toContain(
      "(HTTP 500)",
    );
    expect(refuse("serverless", 500, "", { headers: { "x-request-id": "Root=1-a1b2" } }).error.message).toContain(
      "(HTTP 500, request Root=1-a1b2)",
    );
  });

  test("never quotes the text of the server", () => {
    const secret = "the patient's name is alpha";
    for (const status of [400, 401, 402, 403, 404, 413, 422, 424, 429, 500, 501, 503])
      for (const body of [
        secret,
        { error: secret },
        { detail: [{ msg: secret, input: secret }] },
        { message: `batch size 3 > maximum allowed batch size 2 ${secret}` },
      ])
        expect(refuse("server", status, body).error.message).not.toContain("alpha");
  });
});
