import type { ErrorCode } from "@dheera-ai/core";
import { describe, expect, test } from "vitest";

import type { Key } from "../endpoint/credentials.ts";
import type { Place } from "../endpoint/endpoint.ts";
import { type Asked, readRefusal, type Refusal } from "./read-refusal.ts";

const call = { query: "q", documents: ["alpha", "beta"], params: {}, signal: new AbortController().signal };
const sent: Key = { kind: "sent", token: "hf_secret", source: "HF_TOKEN" };

function refuse(
  kind: Place["kind"],
  status: number,
  body: unknown,
  more: { key?: Key; headers?: HeadersInit | undefined; asked?: Partial<Asked> } = {},
): Refusal {
  const place = { kind, model: "acme/model", url: new URL("https://example.com") };
  const asked = {
    place,
    key: more.key ?? sent,
    call,
    body: { query: "q", texts: call.documents },
    extraTexts: 0,
    ...more.asked,
  } as const;
  return readRefusal({ status, body, headers: new Headers(more.headers) }, asked);
}

interface Case {
  readonly who: string;
  readonly kind: Place["kind"];
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
    who: "TEI 1.9, too many texts",
    kind: "server",
    status: 422,
    body: tei("batch size 40 > maximum allowed batch size 32", "Validation"),
    code: "provider_rejected",
    about: "documents",
    says: "at most 32 documents",
  },
  {
    who: "TEI 1.8, too many texts",
    kind: "server",
    status: 413,
    body: tei("batch size 40 > maximum allowed batch size 32", "Validation"),
    code: "provider_rejected",
    about: "documents",
    says: "at most 32 documents",
  },
  {
    who: "TEI, too long",
    kind: "server",
    status: 413,
    body: tei("Input validation error: `inputs` must have less than 512 tokens. Given: 600", "Validation"),
    code: "provider_rejected",
    about: "documents",
    says: "longer than the model takes",
  },
  {
    who: "TEI, too many characters",
    kind: "server",
    status: 422,
    body: tei("Input validation error: `inputs` must have less than 128000 characters. Given: 200000", "Validation"),
    code: "provider_rejected",
    about: "documents",
    says: "longer than the model takes",
  },
  {
    who: "TEI, nothing to score",
    kind: "server",
    status: 400,
    body: tei("Input validation error: `inputs` cannot be empty", "Empty"),
    code: "provider_rejected",
    about: "documents",
    says: "empty texts",
  },
  {
    who: "TEI, tokenizer",
    kind: "server",
    status: 422,
    body: tei("Tokenizer error: unk token missing", "Tokenizer"),
    code: "provider_rejected",
    about: "documents",
    says: "tokenizer",
  },
  {
    who: "TEI, NaN",
    kind: "server",
    status: 424,
    body: tei("Inference error: score is NaN", "Backend"),
    code: "provider_rejected",
    about: "documents",
    says: "NaN",
  },
  {
    who: "TEI, not a re-ranker",
    kind: "server",
    status: 424,
    body: tei("model is not a re-ranker model", "Backend"),
    code: "provider_failed",
    about: "route",
    says: "Rerankers are sequence classification models with exactly one label: BAAI/bge-reranker-base",
  },
  {
    who: "TEI, default prompt",
    kind: "server",
    status: 422,
    body: tei("`prompt_name` cannot be set with dual inputs", "Validation"),
    code: "provider_failed",
    about: "server",
    says: "--default-prompt",
  },
  {
    who: "TEI, back end",
    kind: "server",
    status: 424,
    body: tei("Inference error: CUDA_ERROR_OUT_OF_MEMORY", "Backend"),
    code: "provider_failed",
    about: "server",
    says: "server's log",
  },
  {
    who: "TEI, no permits",
    kind: "server",
    status: 429,
    body: tei("Model is overloaded", "Overloaded"),
    code: "provider_overloaded",
    about: "server",
    says: "no place free",
  },
  {
    who: "TEI, as its OpenAPI file writes the type",
    kind: "server",
    status: 429,
    body: tei("busy", "overloaded"),
    code: "provider_overloaded",
    about: "server",
    says: "no place free",
  },
  {
    who: "TEI, unhealthy",
    kind: "server",
    status: 503,
    body: tei("unhealthy", "Unhealthy"),
    code: "provider_failed",
    about: "server",
    says: "unhealthy",
  },
  {
    who: "TEI, unhealthy at an endpoint",
    kind: "endpoint",
    status: 503,
    body: tei("unhealthy", "Unhealthy"),
    code: "provider_failed",
    about: "server",
    says: "unhealthy",
  },
  // Text Embeddings Inference: its framework's text errors under the same statuses.
  {
    who: "axum, wrong shape",
    kind: "server",
    status: 422,
    body: "Failed to deserialize the JSON body into the target type: missing field `texts` at line 1",
    code: "provider_failed",
    about: "route",
    says: "name what it is with `server`",
  },
  {
    who: "axum, body too large",
    kind: "server",
    status: 413,
    body: "Failed to buffer the request body: length limit exceeded",
    code: "provider_rejected",
    about: "documents",
    says: "more bytes",
  },
  {
    who: "axum, content type",
    kind: "server",
    status: 415,
    body: "Expected request with `Content-Type: application/json`",
    code: "provider_failed",
    about: "route",
    says: "JSON",
  },
  {
    who: "axum, no such path",
    kind: "server",
    status: 404,
    body: "",
    code: "provider_failed",
    about: "route",
    says: "api_base",
  },
  {
    who: "axum, no such method",
    kind: "server",
    status: 405,
    body: "",
    code: "provider_failed",
    about: "route",
    says: "api_base",
  },
  {
    who: "axum, wrong key",
    kind: "server",
    status: 401,
    body: "",
    code: "provider_auth",
    about: "server",
    says: "the key from HF_TOKEN was refused",
  },
  // Serverless.
  {
    who: "router, unsupported model",
    kind: "serverless",
    status: 400,
    body: { error: "Model not supported by provider hf-inference" },
    code: "provider_failed",
    about: "route",
    says: "acme/model is not served by hf-inference",
  },
  {
    who: "router, no credits",
    kind: "serverless",
    status: 402,
    body: { error: "You have exceeded your monthly included credits for Inference Providers. Subscribe to PRO" },
    code: "provider_auth",
    about: "server",
    says: "no Inference Providers credits left",
  },
  {
    who: "router, missing permission",
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
    who: "router, gated",
    kind: "serverless",
    status: 403,
    body: { error: "Access to model acme/model is restricted" },
    code: "provider_auth",
    about: "server",
    says: "accept its terms on https://huggingface.co/acme/model",
  },
  {
    who: "old host",
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
    who: "router, rate limit",
    kind: "serverless",
    status: 429,
    body: { error: "Too many requests" },
    code: "provider_rate_limited",
    about: "server",
    says: "rate",
  },
  {
    who: "router, loading",
    kind: "serverless",
    status: 503,
    body: { error: "Model acme/model is currently loading", estimated_time: 20 },
    code: "provider_starting",
    about: "server",
    says: "being loaded",
  },
  {
    who: "router, cold",
    kind: "serverless",
    status: 503,
    body: "Service Temporarily Unavailable",
    code: "provider_starting",
    about: "server",
    says: "being loaded",
  },
  {
    who: "router, gateway",
    kind: "serverless",
    status: 504,
    body: "<html>Gateway Time-out</html>",
    code: "provider_failed",
    about: "server",
    says: "in time",
  },
  // Inference Endpoints.
  {
    who: "endpoint, scaled to zero",
    kind: "endpoint",
    status: 503,
    body: "Service Unavailable",
    code: "provider_starting",
    about: "server",
    says: "starting",
  },
  {
    who: "endpoint, paused",
    kind: "endpoint",
    status: 400,
    body: { error: "Endpoint is paused, ask a maintainer to restart it" },
    code: "provider_failed",
    about: "server",
    says: "resume it",
  },
  {
    who: "endpoint, token of somebody else",
    kind: "endpoint",
    status: 403,
    body: { error: "Forbidden" },
    code: "provider_auth",
    about: "server",
    says: "may not call this Inference Endpoint",
  },
  {
    who: "toolkit, anything",
    kind: "endpoint",
    status: 400,
    body: { error: "'NoneType' object is not iterable" },
    code: "provider_rejected",
    about: "unclear",
    says: "invalid",
  },
  // Other servers.
  {
    who: "vLLM, too long",
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
    who: "old vLLM, no reranker",
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
    about: "route",
    says: "is not a re-ranker",
  },
  {
    who: "vLLM, other model",
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
    who: "Infinity, too many documents",
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
    who: "Infinity, too many characters",
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
    who: "Infinity, overloaded",
    kind: "server",
    status: 429,
    body: { error: { message: "model overloaded", type: null, param: null, code: 429 } },
    code: "provider_overloaded",
    about: "server",
    says: "no place free",
  },
  {
    who: "llama.cpp, loading",
    kind: "server",
    status: 503,
    body: { error: { code: 503, message: "Loading model", type: "unavailable_error" } },
    code: "provider_starting",
    about: "server",
    says: "being loaded",
  },
  {
    who: "llama.cpp, not a reranking server",
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
    who: "llama.cpp, too long",
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
    who: "SGLang, blank document",
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
  // Nobody in particular.
  {
    who: "a proxy without upstream",
    kind: "server",
    status: 502,
    body: "<html>Bad Gateway</html>",
    code: "provider_failed",
    about: "server",
    says: "failed to answer",
  },
  {
    who: "a busy server",
    kind: "server",
    status: 503,
    body: "",
    code: "provider_overloaded",
    about: "server",
    says: "not ready",
  },
  {
    who: "an unknown refusal",
    kind: "server",
    status: 418,
    body: { message: "no" },
    code: "provider_rejected",
    about: "unclear",
    says: "invalid",
  },
];

describe("a refusal", () => {
  test.each(cases)("of $who becomes $code", ({ kind, status, body, code, about, says }) => {
    const refusal = refuse(kind, status, body);
    expect(refusal.error.code).toBe(code);
    expect(refusal.about).toBe(about);
    expect(refusal.error.message).toContain(says);
    expect(refusal.error.message).toContain(`HTTP ${status}`);
  });

  test("for too many texts teaches the limit, less the query where it is one of them", () => {
    const body = tei("batch size 40 > maximum allowed batch size 32", "Validation");
    expect(refuse("server", 422, body).error.learned).toEqual({ documentsPerCall: 32 });
    expect(refuse("server", 422, body, { asked: { extraTexts: 1 } }).error.learned).toEqual({ documentsPerCall: 31 });
  });

  test("for too many bytes teaches half of what was sent, unless one document is too large by itself", () => {
    const body = { query: "q", texts: ["x".repeat(1000), "y".repeat(1000)] };
    const { learned } = refuse("server", 413, "length limit exceeded", { asked: { body } }).error;
    expect(learned).toEqual({ bytesPerCall: Math.floor(JSON.stringify(body).length / 2) });
    expect(
      refuse("server", 413, "length limit exceeded", { asked: { body, call: { ...call, documents: ["x"] } } }).error
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
  ])("says when to come back: $what", ({ status, body, headers, seconds }) => {
    expect(refuse("serverless", status, body, { headers }).error.retryAfter).toBe(seconds);
  });

  test("without a token tells where to put one", () => {
    expect(refuse("serverless", 401, "", { key: { kind: "none" } }).error.message).toContain("set HF_TOKEN or api_key");
    expect(refuse("server", 401, "", { key: { kind: "none" } }).error.message).toContain("set api_key");
    expect(refuse("server", 401, "", { key: { kind: "withheld", source: "HF_TOKEN" } }).error.message).toContain(
      "HF_TOKEN was not sent",
    );
  });

  test("of Hugging Face names the request, for its support", () => {
    expect(refuse("serverless", 500, "", { headers: { "x-request-id": "two words" } }).error.message).toContain(
      "(HTTP 500)",
    );
    expect(refuse("serverless", 500, "", { headers: { "x-request-id": "Root=1-a1b2" } }).error.message).toContain(
      "(HTTP 500, request Root=1-a1b2)",
    );
  });

  test("never quotes what the server says", () => {
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
