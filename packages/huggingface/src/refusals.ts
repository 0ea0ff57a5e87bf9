import { DheeraError, type ErrorCode, type ErrorDetails, readRetryAfter, type ScoreCall } from "@dheera-ai/core";
import * as v from "valibot";

import type { Key } from "./credentials.ts";
import type { Answer } from "./line.ts";
import type { Place } from "./place.ts";
import { providerName } from "./provider-name.ts";
import { refusalText } from "./refusal-text.ts";

/** Why a server did not give scores. */
export interface Refusal {
  readonly error: DheeraError;
  /**
   * `documents`: these documents, or how many. `route`: there is no reranker behind this route, perhaps behind another. `server`: the server as a
   * whole, or our account. `unclear`: the request, but it does not say what of it.
   */
  readonly about: "documents" | "route" | "server" | "unclear";
  readonly status: number;
}

/** What was asked. */
export interface Asked {
  readonly place: Place;
  readonly key: Key;
  /** Absent when the server was only asked what it is. */
  readonly call?: ScoreCall;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly extraTexts?: 0 | 1;
}

/** Recognises a refusal by its text first, because one status has several meanings, else by its status. Upstream text goes into no message. */
export function readRefusal(answer: Answer, asked: Asked): Refusal {
  const text = refusalText(answer.body);
  for (const [pattern, read] of byText) {
    const match = pattern.exec(text);
    if (match) return finish(read(match, answer, asked), answer, asked);
  }
  const read = byStatus[answer.status] ?? (answer.status >= 500 ? failed : unclear);
  return finish(read(answer, asked), answer, asked);
}

interface Reading extends Pick<ErrorDetails, "learned" | "retryAfter"> {
  readonly code: ErrorCode;
  readonly about: Refusal["about"];
  /** Follows "huggingface: ". */
  readonly message: string;
}

/** Texts as the servers' sources have them: Text Embeddings Inference unless another is named. */
const byText: readonly (readonly [RegExp, (match: RegExpExecArray, answer: Answer, asked: Asked) => Reading])[] = [
  [/batch size \d+ > maximum allowed batch size (\d+)/i, tooManyDocuments],
  // Pydantic: Infinity.
  [/at most (\d+) items? after validation/i, tooManyDocuments],
  // vLLM says "maximum context length", llama.cpp the next two, Infinity "at most … characters".
  [
    /must have less than \d+ (?:tokens|characters)|maximum context length|is too large to process|exceeds? the available context|at most \d+ characters|longer than the (?:model's|maximum)/i,
    tooLong,
  ],
  [
    /score is nan/i,
    () => aboutDocuments("the model gave no number (NaN) for a document; leave that document out, or run the model in float32"),
  ],
  [
    /prompt_name.? cannot be set/i,
    () => aboutServer("the server was started with a default prompt, which a reranker cannot have; start it without --default-prompt"),
  ],
  // The first three are Text Embeddings Inference, the last is vLLM.
  [
    /not a re-?ranker model|not a classifier model|not an embedding model|does not support (?:the )?(?:re-?rank|score)/i,
    (_match, _answer, { place }) => aboutRoute(notRerankerMessage(place.model)),
  ],
  // axum and Pydantic: fields of another server's request.
  [
    /failed to deserialize|missing field|field required/i,
    () => aboutRoute("the server does not understand this kind of rerank request; name what it is with `server`"),
  ],
  [/not supported by provider|not supported for task/i, (_match, _answer, { place }) => aboutRoute(notServedMessage(place.model))],
  [/endpoint.{0,40}paused/i, () => aboutServer("the Inference Endpoint is paused; resume it on its page at endpoints.huggingface.co")],
  // The router, and llama.cpp ("Loading model").
  [/currently loading|loading model/i, (_match, answer) => starting("the model is being loaded", answer)],
  // llama.cpp.
  [
    /--reranking|does not support reranking/i,
    () => aboutServer("the llama.cpp server was started without reranking; start it with --reranking and a reranker model"),
  ],
  // vLLM.
  [
    /model .{1,200} (?:does not exist|was not found)/i,
    (_match, _answer, { place }) => aboutServer(`the server does not serve the model ${place.model}; check its name`),
  ],
  [
    /cannot be empty|non-empty string|must not be empty/i,
    () => aboutDocuments("the server refuses empty texts: query or a document has nothing to score"),
  ],
];

const byStatus: Readonly<Record<number, (answer: Answer, asked: Asked) => Reading>> = {
  401: (_answer, { key, place }) => auth(keyAdvice(key, place)),
  402: () =>
    auth(
      "the account has no Inference Providers credits left; buy credits, subscribe to PRO, or name an organisation that pays with bill_to",
    ),
  403: ({ body }, { key, place }) => auth(permissionAdvice(refusalText(body), key, place)),
  404: () => aboutRoute("there is no reranker at this address; check api_base and the model's name"),
  405: () => aboutRoute("this address does not take requests of this kind; check api_base"),
  408: () => aboutServer("the server gave up waiting for the request"),
  410: () =>
    aboutServer("this address is switched off; the old api-inference.huggingface.co is gone: remove api_base to use router.huggingface.co"),
  413: (_answer, asked) => tooManyBytes(asked),
  415: () => aboutRoute("the server does not take JSON here; check api_base"),
  422: ({ body }) =>
    errorType(body) === "tokenizer" ? aboutDocuments("a text cannot be split into tokens by the model's tokenizer") : unclear(),
  424: () => aboutServer("the model failed while computing; look at the server's log"),
  429: (answer) => limited(answer),
  501: () => aboutRoute("the server does not do this; check that it was started as a reranker"),
  503: (answer, asked) => unavailable(answer, asked),
  504: () => aboutServer("the model did not answer in time"),
};

function finish({ code, about, message, ...details }: Reading, answer: Answer, { place }: Asked): Refusal {
  const id = place.kind === "server" ? undefined : requestId(answer.headers);
  const suffix = id === undefined ? `HTTP ${answer.status}` : `HTTP ${answer.status}, request ${id}`;
  const retryAfter = details.retryAfter ?? readRetryAfter(answer.headers.get("retry-after"));
  const error = new DheeraError(code, `${providerName}: ${message} (${suffix})`, {
    provider: providerName,
    ...details,
    ...(retryAfter !== undefined && { retryAfter }),
  });
  return { error, about, status: answer.status };
}

function aboutDocuments(message: string, learned: Pick<Reading, "learned"> = {}): Reading {
  return { code: "provider_rejected", about: "documents", message, ...learned };
}

function aboutRoute(message: string): Reading {
  return { code: "provider_failed", about: "route", message };
}

function aboutServer(message: string): Reading {
  return { code: "provider_failed", about: "server", message };
}

function auth(message: string): Reading {
  return { code: "provider_auth", about: "server", message };
}

function failed(): Reading {
  return aboutServer("the server failed to answer; look at its log");
}

function unclear(): Reading {
  return { code: "provider_rejected", about: "unclear", message: "the server calls the request invalid" };
}

function tooManyDocuments(match: RegExpExecArray, _answer: Answer, { extraTexts = 0 }: Asked): Reading {
  const documents = Number(match[1]) - extraTexts;
  if (documents < 1)
    return aboutServer(
      "the server takes one text a call, which leaves no room for the query; start it with --max-client-batch-size 2 or more",
    );
  return aboutDocuments(`the server takes at most ${documents} documents in one call`, { learned: { documentsPerCall: documents } });
}

function tooLong(_match: RegExpExecArray, _answer: Answer, { call }: Asked): Reading {
  return aboutDocuments(
    call?.params.truncate === false
      ? "query and document together are longer than the model takes, and truncate: false forbids to cut them"
      : "query and document together are longer than the model takes, and this server does not cut them; shorten the document or set max_tokens_per_document",
  );
}

/** The limit is not told, only that it is lower than what was sent: half of it is tried next. */
function tooManyBytes({ call, body }: Asked): Reading {
  const message = "the request has more bytes than the server or a proxy before it takes";
  if (!call || call.documents.length < 2) return aboutDocuments(message);
  const bytes = new TextEncoder().encode(JSON.stringify(body)).length;
  return aboutDocuments(message, { learned: { bytesPerCall: Math.floor(bytes / 2) } });
}

/** For servers that say what model they have, and for those that refuse it. */
export function notRerankerMessage(model: string): string {
  return `${model} is not a re-ranker. Rerankers are sequence classification models with exactly one label: BAAI/bge-reranker-base, BAAI/bge-reranker-v2-m3, Alibaba-NLP/gte-multilingual-reranker-base, mixedbread-ai/mxbai-rerank-base-v1`;
}

export function notServedMessage(model: string): string {
  return `${model} is not served by hf-inference as a reranker; run it with Text Embeddings Inference or as an Inference Endpoint and set api_base`;
}

function keyAdvice(key: Key, place: Place): string {
  if (key.kind === "sent") return `the key from ${key.source} was refused; check that it is valid for this server`;
  if (key.kind === "withheld")
    return `the server wants a key. ${key.source} was not sent, because it goes to hosts of Hugging Face only; set api_key for this api_base`;
  return place.kind === "server"
    ? "the server wants a key (it was started with --api-key, or a proxy before it asks for one); set api_key"
    : "Hugging Face wants a token; set HF_TOKEN or api_key";
}

function permissionAdvice(text: string, key: Key, place: Place): string {
  if (key.kind !== "sent") return keyAdvice(key, place);
  if (/gated|awaiting a review|ask for access|restricted/i.test(text))
    return `access to ${place.model} is gated; accept its terms on https://huggingface.co/${place.model} with the account of this token`;
  if (place.kind === "serverless")
    return `the token from ${key.source} lacks the permission "Make calls to Inference Providers"; add it at https://huggingface.co/settings/tokens`;
  if (place.kind === "endpoint")
    return `the token from ${key.source} may not call this Inference Endpoint; it needs the permission "Make calls to your Inference Endpoints" for the endpoint's owner`;
  return `the key from ${key.source} is not allowed to do this; check its permissions`;
}

/** Text Embeddings Inference and Infinity say that they are overloaded; a 429 without that is a rate limit. */
function limited(answer: Answer): Reading {
  const overloaded = errorType(answer.body) === "overloaded" || /overloaded/i.test(refusalText(answer.body));
  if (overloaded) return { code: "provider_overloaded", about: "server", message: "the server has no free permit for these documents" };
  const reset = readRateLimitReset(answer.headers);
  return {
    code: "provider_rate_limited",
    about: "server",
    message: "the rate of our requests is limited",
    ...(reset !== undefined && { retryAfter: reset }),
  };
}

function unavailable(answer: Answer, { place }: Asked): Reading {
  if (errorType(answer.body) === "unhealthy") return aboutServer("the server calls itself unhealthy; look at its log");
  if (place.kind === "endpoint") return starting("the Inference Endpoint is starting (it scales to zero when idle)", answer);
  if (place.kind === "serverless") return starting("the model is being loaded", answer);
  return { code: "provider_overloaded", about: "server", message: "the server is overloaded or not ready" };
}

function starting(message: string, { body }: Answer): Reading {
  const estimate = v.safeParse(v.object({ estimated_time: v.pipe(v.number(), v.minValue(0)) }), body);
  return { code: "provider_starting", about: "server", message, ...(estimate.success && { retryAfter: estimate.output.estimated_time }) };
}

/** `error_type` of Text Embeddings Inference, whose case differs between its source and its documentation. */
function errorType(body: unknown): string | undefined {
  const parsed = v.safeParse(v.object({ error_type: v.string() }), body);
  return parsed.success ? parsed.output.error_type.toLowerCase() : undefined;
}

/** Seconds from `RateLimit: "api";r=0;t=55` (Hub documentation). */
function readRateLimitReset(headers: Headers): number | undefined {
  const seconds = /;\s*t=(\d+)/.exec(headers.get("ratelimit") ?? "")?.[1];
  return seconds === undefined ? undefined : Number(seconds);
}

/** What Hugging Face's support asks for. */
function requestId(headers: Headers): string | undefined {
  return /^[\w-]{1,64}$/.exec(headers.get("x-request-id") ?? "")?.[0];
}
