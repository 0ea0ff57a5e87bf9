import type { ErrorCode, ErrorDetails, HttpAnswer } from "@dheera-ai/core";

import { keyMessage, notRerankerMessage, notServedMessage, permissionMessage } from "./advice.ts";
import { errorTypeOf, estimateOf } from "./error-body.ts";
import type { Refusal, SentRequest } from "./refusal.ts";

/** What a refusal means: the error to throw, and what it is about. */
export interface RefusalMeaning extends Pick<ErrorDetails, "learned" | "retryAfter"> {
  readonly code: ErrorCode;
  readonly about: Refusal["about"];
  readonly message: string;
}

/** A request together with its refusal. */
export interface RefusedRequest extends SentRequest {
  readonly answer: HttpAnswer;
  /** The text of the answer's body. */
  readonly text: string;
}

/** The first rule whose text matches decides, because one status has several meanings; else the status decides. */
export function applyRefusalRules(refused: RefusedRequest): RefusalMeaning {
  for (const { pattern, meaning } of textRules) {
    const match = pattern.exec(refused.text);
    if (match) return meaning(refused, match);
  }
  const { status } = refused.answer;
  return (
    statusRules[status]?.(refused) ??
    (status >= 500 ? aboutServer("the server failed to answer; look at its log") : unclear)
  );
}

interface TextRule {
  readonly pattern: RegExp;
  readonly meaning: (refused: RefusedRequest, match: RegExpExecArray) => RefusalMeaning;
}

/**
 * Wordings from the sources of the servers: Text Embeddings Inference where no other server is named. The order
 * matters.
 */
const textRules: readonly TextRule[] = [
  { pattern: /batch size \d+ > maximum allowed batch size (\d+)/i, meaning: tooManyDocuments },
  // Pydantic, for Infinity.
  { pattern: /at most (\d+) items? after validation/i, meaning: tooManyDocuments },
  { pattern: /must have less than \d+ (?:tokens|characters)/i, meaning: tooLong },
  // vLLM; llama.cpp (two patterns); Infinity.
  {
    pattern: /maximum context length|is too large to process|exceeds? the available context|at most \d+ characters/i,
    meaning: tooLong,
  },
  {
    pattern: /score is nan/i,
    meaning: () =>
      aboutDocuments("the model gave no number (NaN) for a document; float32 may help where float16 overflows"),
  },
  {
    pattern: /prompt_name.? cannot be set/i,
    meaning: () =>
      aboutServer(
        "the server was started with a default prompt, which a reranker cannot have; start it without --default-prompt",
      ),
  },
  // llama.cpp. This rule comes before the next one, whose pattern matches this text as well.
  {
    pattern: /--reranking|does not support reranking/i,
    meaning: () =>
      aboutServer("the llama.cpp server was started without reranking; start it with --reranking and a reranker model"),
  },
  // The last pattern is for vLLM.
  {
    pattern:
      /not a re-?ranker model|not a classifier model|not an embedding model|does not support (?:the )?(?:re-?rank|score)/i,
    meaning: ({ endpoint }) => aboutRecipe(notRerankerMessage(endpoint.model)),
  },
  // axum and Pydantic, when the request has the fields that another server takes.
  {
    pattern: /failed to deserialize|missing field|field required/i,
    meaning: () =>
      aboutRecipe("the server does not understand this kind of rerank request; name what it is with `server`"),
  },
  // The router.
  {
    pattern: /not supported by provider|not supported for task/i,
    meaning: ({ endpoint }) => aboutRecipe(notServedMessage(endpoint.model)),
  },
  // Inference Endpoints.
  {
    pattern: /endpoint.{0,40}paused/i,
    meaning: () => aboutServer("the Inference Endpoint is paused; resume it on its page at endpoints.huggingface.co"),
  },
  // The router; llama.cpp.
  {
    pattern: /currently loading|loading model/i,
    meaning: ({ answer }) => starting("the model is being loaded", answer),
  },
  // vLLM.
  {
    pattern: /model .{1,200} (?:does not exist|was not found)/i,
    meaning: ({ endpoint }) => aboutServer(`the server does not serve the model ${endpoint.model}; check its name`),
  },
  // The second pattern is for SGLang.
  {
    pattern: /cannot be empty|non-empty string/i,
    meaning: () => aboutDocuments("the server refuses empty texts: the query or a document is one"),
  },
];

const statusRules: Readonly<Record<number, (refused: RefusedRequest) => RefusalMeaning>> = {
  401: ({ key, endpoint }) => auth(keyMessage(key, endpoint)),
  402: () =>
    auth(
      "the account has no Inference Providers credits left; buy credits, subscribe to PRO, or name who pays with bill_to",
    ),
  403: ({ text, key, endpoint }) => auth(permissionMessage(text, key, endpoint)),
  404: () => aboutRecipe("there is no reranker at this address; check api_base and the model's name"),
  405: () => aboutRecipe("this address does not take rerank requests; check api_base"),
  408: () => aboutServer("the server gave up waiting for the request"),
  410: () =>
    aboutServer(
      "this address is switched off. If it is api-inference.huggingface.co, remove api_base to use router.huggingface.co",
    ),
  413: tooManyBytes,
  415: () => aboutRecipe("the server takes no JSON at this address; check api_base"),
  422: ({ answer }) =>
    errorTypeOf(answer.body) === "tokenizer"
      ? aboutDocuments("the model's tokenizer cannot split a text into tokens")
      : unclear,
  424: () => aboutServer("the model failed while computing; look at the server's log"),
  429: tooManyRequests,
  501: () => aboutRecipe("the server does not do this; check that it was started as a reranker"),
  503: unavailable,
  504: () => aboutServer("the model did not answer in time"),
};

const unclear: RefusalMeaning = {
  code: "provider_rejected",
  about: "unclear",
  message: "the server calls the request invalid",
};

function aboutDocuments(message: string): RefusalMeaning {
  return { code: "provider_rejected", about: "documents", message };
}

function aboutRecipe(message: string): RefusalMeaning {
  return { code: "provider_failed", about: "recipe", message };
}

function aboutServer(message: string): RefusalMeaning {
  return { code: "provider_failed", about: "server", message };
}

function auth(message: string): RefusalMeaning {
  return { code: "provider_auth", about: "server", message };
}

function tooManyDocuments({ extraTexts = 0 }: RefusedRequest, match: RegExpExecArray): RefusalMeaning {
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

function tooLong({ call }: RefusedRequest): RefusalMeaning {
  const what = "query and document together are longer than the model takes";
  return aboutDocuments(
    call?.params.truncate === false
      ? `${what}, and truncate: false forbids to cut them`
      : `${what}, and this server does not cut them; shorten the document or set max_tokens_per_document`,
  );
}

/** The answer does not name the limit. It is lower than what was sent, so half of that is tried next. */
function tooManyBytes({ call, body }: RefusedRequest): RefusalMeaning {
  const meaning = aboutDocuments("the request has more bytes than the server, or a proxy before it, takes");
  if (!call || call.documents.length < 2) return meaning;
  const bytes = new TextEncoder().encode(JSON.stringify(body)).length;
  return { ...meaning, learned: { bytesPerCall: Math.floor(bytes / 2) } };
}

/** Text Embeddings Inference and Infinity say that they are overloaded; any other 429 is a rate limit. */
function tooManyRequests({ answer, text }: RefusedRequest): RefusalMeaning {
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

function unavailable({ answer, endpoint }: RefusedRequest): RefusalMeaning {
  if (errorTypeOf(answer.body) === "unhealthy")
    return aboutServer("the server calls itself unhealthy; look at its log");
  if (endpoint.kind === "dedicated")
    return starting("the Inference Endpoint is starting (it scales to zero when idle)", answer);
  if (endpoint.kind === "serverless") return starting("the model is being loaded", answer);
  return { code: "provider_overloaded", about: "server", message: "the server is overloaded or not ready" };
}

function starting(message: string, { body }: HttpAnswer): RefusalMeaning {
  const estimate = estimateOf(body);
  return {
    code: "provider_starting",
    about: "server",
    message,
    ...(estimate !== undefined && { retryAfter: estimate }),
  };
}
