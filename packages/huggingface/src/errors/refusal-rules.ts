import type { ErrorCode, ErrorDetails } from "@dheera-ai/core";

import { keyMessage, notRerankerMessage, notServedMessage, permissionMessage } from "./advice.ts";
import { errorTypeOf, estimateOf } from "./error-body.ts";
import type { Answer } from "../wire/http-client.ts";
import type { Asked, Refusal } from "./read-refusal.ts";

/** What a refusal means. */
export interface Reading extends Pick<ErrorDetails, "learned" | "retryAfter"> {
  readonly code: ErrorCode;
  readonly about: Refusal["about"];
  readonly message: string;
}

export interface Refused extends Asked {
  readonly answer: Answer;
  /** What the server says. */
  readonly text: string;
}

/** Recognises a refusal by its text first, because one status has several meanings, else by its status. */
export function readingOf(refused: Refused): Reading {
  for (const { says, read } of byText) {
    const match = says.exec(refused.text);
    if (match) return read(refused, match);
  }
  const { status } = refused.answer;
  return (
    byStatus[status]?.(refused) ??
    (status >= 500 ? aboutServer("the server failed to answer; look at its log") : unclear)
  );
}

interface TextReading {
  readonly says: RegExp;
  readonly read: (refused: Refused, match: RegExpExecArray) => Reading;
}

/** As the servers' sources word it: Text Embeddings Inference where no other is named. */
const byText: readonly TextReading[] = [
  { says: /batch size \d+ > maximum allowed batch size (\d+)/i, read: tooManyDocuments },
  // Pydantic, for Infinity.
  { says: /at most (\d+) items? after validation/i, read: tooManyDocuments },
  { says: /must have less than \d+ (?:tokens|characters)/i, read: tooLong },
  // vLLM; llama.cpp, twice; Infinity.
  {
    says: /maximum context length|is too large to process|exceeds? the available context|at most \d+ characters/i,
    read: tooLong,
  },
  {
    says: /score is nan/i,
    read: () =>
      aboutDocuments("the model gave no number (NaN) for a document; float32 may help where float16 overflows"),
  },
  {
    says: /prompt_name.? cannot be set/i,
    read: () =>
      aboutServer(
        "the server was started with a default prompt, which a reranker cannot have; start it without --default-prompt",
      ),
  },
  // llama.cpp. Before the next one, which is close to it.
  {
    says: /--reranking|does not support reranking/i,
    read: () =>
      aboutServer("the llama.cpp server was started without reranking; start it with --reranking and a reranker model"),
  },
  // The last one is vLLM.
  {
    says: /not a re-?ranker model|not a classifier model|not an embedding model|does not support (?:the )?(?:re-?rank|score)/i,
    read: ({ place }) => aboutRoute(notRerankerMessage(place.model)),
  },
  // axum and Pydantic, about the fields of another server's request.
  {
    says: /failed to deserialize|missing field|field required/i,
    read: () => aboutRoute("the server does not understand this kind of rerank request; name what it is with `server`"),
  },
  // The router.
  {
    says: /not supported by provider|not supported for task/i,
    read: ({ place }) => aboutRoute(notServedMessage(place.model)),
  },
  // Inference Endpoints.
  {
    says: /endpoint.{0,40}paused/i,
    read: () => aboutServer("the Inference Endpoint is paused; resume it on its page at endpoints.huggingface.co"),
  },
  // The router; llama.cpp.
  { says: /currently loading|loading model/i, read: ({ answer }) => starting("the model is being loaded", answer) },
  // vLLM.
  {
    says: /model .{1,200} (?:does not exist|was not found)/i,
    read: ({ place }) => aboutServer(`the server does not serve the model ${place.model}; check its name`),
  },
  // The second is SGLang.
  {
    says: /cannot be empty|non-empty string/i,
    read: () => aboutDocuments("the server refuses empty texts: the query or a document is one"),
  },
];

const byStatus: Readonly<Record<number, (refused: Refused) => Reading>> = {
  401: ({ key, place }) => auth(keyMessage(key, place)),
  402: () =>
    auth(
      "the account has no Inference Providers credits left; buy credits, subscribe to PRO, or name who pays with bill_to",
    ),
  403: ({ text, key, place }) => auth(permissionMessage(text, key, place)),
  404: () => aboutRoute("there is no reranker at this address; check api_base and the model's name"),
  405: () => aboutRoute("this address does not take rerank requests; check api_base"),
  408: () => aboutServer("the server gave up waiting for the request"),
  410: () =>
    aboutServer(
      "this address is switched off. If it is api-inference.huggingface.co, remove api_base to use router.huggingface.co",
    ),
  413: tooManyBytes,
  415: () => aboutRoute("the server takes no JSON at this address; check api_base"),
  422: ({ answer }) =>
    errorTypeOf(answer.body) === "tokenizer"
      ? aboutDocuments("the model's tokenizer cannot split a text into tokens")
      : unclear,
  424: () => aboutServer("the model failed while computing; look at the server's log"),
  429: tooManyRequests,
  501: () => aboutRoute("the server does not do this; check that it was started as a reranker"),
  503: unavailable,
  504: () => aboutServer("the model did not answer in time"),
};

const unclear: Reading = {
  code: "provider_rejected",
  about: "unclear",
  message: "the server calls the request invalid",
};

function aboutDocuments(message: string): Reading {
  return { code: "provider_rejected", about: "documents", message };
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

function tooManyDocuments({ extraTexts = 0 }: Refused, match: RegExpExecArray): Reading {
  const documents = Number(match[1]) - extraTexts;
  if (documents >= 1)
    return {
      ...aboutDocuments(`the server takes at most ${documents} documents in one call`),
      learned: { documentsPerCall: documents },
    };
  return aboutServer(
    "the server takes one text a call, which leaves none beside the query; start it with --max-client-batch-size 2 or more",
  );
}

function tooLong({ call }: Refused): Reading {
  const what = "query and document together are longer than the model takes";
  return aboutDocuments(
    call?.params.truncate === false
      ? `${what}, and truncate: false forbids to cut them`
      : `${what}, and this server does not cut them; shorten the document or set max_tokens_per_document`,
  );
}

/** The limit is not told, only that it is lower than what was sent: half of it is tried next. */
function tooManyBytes({ call, body }: Refused): Reading {
  const reading = aboutDocuments("the request has more bytes than the server, or a proxy before it, takes");
  if (!call || call.documents.length < 2) return reading;
  const bytes = new TextEncoder().encode(JSON.stringify(body)).length;
  return { ...reading, learned: { bytesPerCall: Math.floor(bytes / 2) } };
}

/** Text Embeddings Inference and Infinity say that they are overloaded; a 429 that does not is a rate limit. */
function tooManyRequests({ answer, text }: Refused): Reading {
  if (errorTypeOf(answer.body) === "overloaded" || /overloaded/i.test(text))
    return {
      code: "provider_overloaded",
      about: "server",
      message: "the server has no place free for these documents",
    };
  // `RateLimit: "api";r=0;t=55` (Hub documentation); t is seconds.
  const reset = /;\s*t=(\d+)/.exec(answer.headers.get("ratelimit") ?? "")?.[1];
  return {
    code: "provider_rate_limited",
    about: "server",
    message: "the rate of our requests is limited",
    ...(reset !== undefined && { retryAfter: Number(reset) }),
  };
}

function unavailable({ answer, place }: Refused): Reading {
  if (errorTypeOf(answer.body) === "unhealthy")
    return aboutServer("the server calls itself unhealthy; look at its log");
  if (place.kind === "endpoint")
    return starting("the Inference Endpoint is starting (it scales to zero when idle)", answer);
  if (place.kind === "serverless") return starting("the model is being loaded", answer);
  return { code: "provider_overloaded", about: "server", message: "the server is overloaded or not ready" };
}

function starting(message: string, { body }: Answer): Reading {
  const estimate = estimateOf(body);
  return {
    code: "provider_starting",
    about: "server",
    message,
    ...(estimate !== undefined && { retryAfter: estimate }),
  };
}
