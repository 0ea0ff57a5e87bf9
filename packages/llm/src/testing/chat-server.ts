import type { UpstreamAnswer, UpstreamRequest } from "@dheera-ai/core/testing";

import { readPrompt, type ReadPrompt, userMessage } from "./read-prompt.ts";

/** A server's own way to check a request: the refusal, or nothing. */
export type Check = (request: UpstreamRequest) => UpstreamAnswer | undefined;

/** A server's own way to write what a model said. */
export type Write = (text: string, request: UpstreamRequest) => UpstreamAnswer;

export interface ChatServer {
  /** What `withServer` of the contract suite takes. */
  readonly reply: (request: UpstreamRequest) => UpstreamAnswer;
  /** What was asked and answered. */
  readonly prompts: readonly ReadPrompt[];
}

/**
 * A chat server whose model judges by the number at the beginning of a document: the smallest is the best. It answers what
 * the request's format asks for.
 */
export function chatServer({
  check = () => undefined,
  say = sayRanking,
  write = writeAnswer,
}: {
  readonly check?: Check;
  readonly say?: (prompt: ReadPrompt, request: UpstreamRequest) => string;
  readonly write?: Write;
} = {}): ChatServer {
  const prompts: ReadPrompt[] = [];
  return {
    prompts,
    reply: (request) => {
      const refusal = check(request);
      if (refusal) return refusal;
      const prompt = readPrompt(request);
      if (prompt === undefined) return openAiError(400, "invalid_request_error", "there is no prompt");
      prompts.push(prompt);
      return write(say(prompt, request), request);
    },
  };
}

/** The ids of the documents, best first, as JSON or as a line. */
export function sayRanking({ documents }: ReadPrompt, { body }: UpstreamRequest): string {
  const ids = rankingOf(documents);
  return body["response_format"] === undefined
    ? ids.map((id) => `[${id}]`).join(" > ")
    : JSON.stringify({ ranking: ids });
}

/** 10 for the number 0, 9 for 1, and so on. */
export function sayGrades({ documents }: ReadPrompt): string {
  return JSON.stringify({
    grades: documents.map((text, position) => ({ id: position + 1, grade: Math.max(0, 10 - Number.parseInt(text)) })),
  });
}

export function rankingOf(documents: readonly string[]): readonly number[] {
  return documents
    .map((text, position) => ({ id: position + 1, number: Number.parseInt(text) }))
    .toSorted((one, other) => one.number - other.number)
    .map(({ id }) => id);
}

/** As OpenAI writes it. */
export function writeAnswer(text: string): UpstreamAnswer {
  return answerOf({
    message: { role: "assistant", content: text, refusal: null },
    finish_reason: "stop",
    logprobs: null,
  });
}

/** An answer with this choice. */
export function answerOf(choice: object, more: object = {}): UpstreamAnswer {
  return {
    body: {
      id: "chatcmpl-1",
      object: "chat.completion",
      created: 1_795_751_017,
      model: "m",
      choices: [{ index: 0, ...choice }],
      usage,
      ...more,
    },
  };
}

export const usage = { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 };

/** OpenAI's body of an error. */
export function openAiError(
  status: number,
  type: string,
  message: string,
  code: string | null = null,
  param: string | null = null,
): UpstreamAnswer {
  return { status, body: { error: { message, type, param, code } } };
}

/** OpenAI's models that reason: another name for the bound, no temperature. */
export const reasoningModel: Check = ({ body }) => {
  if ("max_tokens" in body)
    return openAiError(
      400,
      "invalid_request_error",
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      "unsupported_parameter",
      "max_tokens",
    );
  if (body["temperature"] !== undefined && body["temperature"] !== 1)
    return openAiError(
      400,
      "invalid_request_error",
      "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported.",
      "unsupported_value",
      "temperature",
    );
  return undefined;
};

/** LM Studio, which knows schemas and no `json_object`; this one has a model for which it compiles none. */
export const lmStudio: Check = ({ body }) => {
  const type = formatOf(body);
  if (type === "json_schema") return { status: 400, body: { error: "Failed to compile the grammar" } };
  return type === "json_object"
    ? { status: 400, body: { error: "'response_format.type' must be 'json_schema' or 'text'" } }
    : undefined;
};

/** An older server: `json_object` and no schema; FastAPI's body of an error, which quotes what was sent. */
export const withoutSchema: Check = ({ body }) =>
  formatOf(body) === "json_schema"
    ? {
        status: 422,
        body: {
          detail: [
            {
              type: "literal_error",
              loc: ["body", "response_format", "type"],
              msg: "Input should be 'text' or 'json_object'",
              input: userMessage(body["messages"]),
            },
          ],
        },
      }
    : undefined;

/** Gemma's template. */
export const withoutSystem: Check = ({ body }) => {
  const messages: unknown = body["messages"];
  return Array.isArray(messages) && messages.length > 1
    ? {
        status: 400,
        body: {
          object: "error",
          message: "System role not supported",
          type: "BadRequestError",
          param: null,
          code: 400,
        },
      }
    : undefined;
};

/** vLLM. */
export const shortContext: UpstreamAnswer = {
  status: 400,
  body: {
    object: "error",
    message:
      "This model's maximum context length is 4096 tokens. However, you requested 9000 tokens (4904 in the messages, 4096 in the completion). Please reduce the length of the messages or completion.",
    type: "BadRequestError",
    param: null,
    code: 400,
  },
};

/** llama.cpp. */
export const smallSlot: UpstreamAnswer = {
  status: 400,
  body: {
    error: {
      code: 400,
      message: "the request exceeds the available context size, try increasing it",
      type: "exceed_context_size_error",
      n_prompt_tokens: 14_429,
      n_ctx: 8_192,
    },
  },
};

/** A stream of events, as servers send it that were not asked for one. */
export function writeStream(text: string): UpstreamAnswer {
  const chunk = (delta: object, finish: string | null = null): string =>
    `data: ${JSON.stringify({ object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
  const half = Math.floor(text.length / 2);
  return {
    headers: { "content-type": "text/event-stream" },
    body: [
      chunk({ role: "assistant", content: "" }),
      chunk({ content: text.slice(0, half) }),
      chunk({ content: text.slice(half) }),
      chunk({}, "stop"),
      `data: ${JSON.stringify({ object: "chat.completion.chunk", choices: [], usage })}\n\n`,
      "data: [DONE]\n\n",
    ].join(""),
  };
}

function formatOf(body: UpstreamRequest["body"]): unknown {
  const format = body["response_format"];
  return typeof format === "object" && format !== null && "type" in format ? format.type : undefined;
}
