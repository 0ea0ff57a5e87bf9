import { DheeraError, type HttpAnswer, type Usage } from "@dheera-ai/core";
import * as v from "valibot";

import { readStream } from "./read-stream.ts";

/** What a model answered. */
export interface Answer {
  readonly text: string;
  /** Whether the answer was cut off because it was too long. */
  readonly isCutOff: boolean;
  /** For each token of the answer, those that could stand there, by their text, with their log-probabilities. */
  readonly tokens: readonly TokenChoice[] | undefined;
  readonly usage: Usage;
}

export interface TokenChoice {
  /** The one that was chosen. */
  readonly token: string;
  readonly likely: readonly { readonly token: string; readonly logprob: number }[];
}

/**
 * Reads a chat completion or a completion: one choice, its text without the reasoning that stands beside it.
 * @throws DheeraError `provider_bad_response` for what is none, `provider_rejected` where a content filter ended it
 */
export function readAnswer({ body, headers }: Pick<HttpAnswer, "body" | "headers">): Answer {
  const streamed = typeof body === "string" ? readStream(body) : undefined;
  const parsed = v.safeParse(schema, streamed ?? body);
  if (!parsed.success)
    throw badAnswer(
      "the answer is no chat completion with one choice; check that api_base is an OpenAI-compatible server",
    );
  const { choices, usage } = parsed.output;
  const [{ message, text, finish_reason: finish, logprobs }] = choices;
  if (finish === "content_filter")
    throw new DheeraError(
      "provider_rejected",
      "the content filter of the server ended the answer: it objects to the query or to a document",
      { provider: "llm" },
    );
  if (message?.refusal)
    throw new DheeraError("provider_rejected", "the model refused to answer, because of the query or of a document", {
      provider: "llm",
    });
  const content = text ?? textOf(message?.content);
  const reasoning = message?.reasoning_content ?? message?.reasoning ?? "";
  return {
    // vLLM's parser of reasoning takes the whole answer of a model that was told not to reason for its reasoning.
    text: content.trim() === "" && finish === "stop" ? reasoning : content,
    isCutOff: finish === "length",
    tokens: readLogprobs(logprobs),
    usage: usageOf(usage, headers.get("x-litellm-response-cost")),
  };
}

export function badAnswer(what: string, permanent: boolean = false): DheeraError {
  return new DheeraError("provider_bad_response", `llm: ${what}`, { provider: "llm", permanent });
}

function textOf(content: string | readonly { readonly text?: string | undefined }[] | null | undefined): string {
  if (typeof content === "string") return content;
  return (content ?? []).map(({ text = "" }) => text).join("");
}

/** LiteLLM says the cost in a header; it says 0 also of models whose price it does not know. */
function usageOf(
  { prompt_tokens, completion_tokens, cost }: v.InferOutput<typeof usageSchema>,
  header: string | null,
): Usage {
  const ofHeader = Number(header ?? Number.NaN);
  const dollars = cost ?? (Number.isFinite(ofHeader) && ofHeader > 0 ? ofHeader : undefined);
  return {
    ...(prompt_tokens !== undefined && { inputTokens: prompt_tokens }),
    ...(completion_tokens !== undefined && { outputTokens: completion_tokens }),
    ...(dollars !== undefined && { cost: dollars }),
  };
}

/** As chats have them, and as completions have them: servers mix both. */
function readLogprobs(logprobs: v.InferOutput<typeof logprobsSchema>): readonly TokenChoice[] | undefined {
  if (!logprobs) return undefined;
  if ("content" in logprobs)
    return logprobs.content.map(({ token, logprob, top_logprobs }) => ({
      token,
      likely: top_logprobs.length > 0 ? top_logprobs : [{ token, logprob }],
    }));
  return logprobs.top_logprobs.map((likely, position) => ({
    token: logprobs.tokens[position] ?? "",
    likely: Object.entries(likely ?? {}).map(([token, logprob]) => ({ token, logprob })),
  }));
}

const word = v.fallback(v.nullish(v.string()), undefined);
/** One that is missing or no figure is not said. */
const figure = v.fallback(
  v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER))),
  undefined,
);
const usageSchema = v.fallback(v.object({ prompt_tokens: figure, completion_tokens: figure, cost: figure }), {
  prompt_tokens: undefined,
  completion_tokens: undefined,
  cost: undefined,
});
const likelySchema = v.object({ token: v.string(), logprob: v.number() });
const logprobsSchema = v.fallback(
  v.nullish(
    v.union([
      v.object({
        content: v.array(v.object({ ...likelySchema.entries, top_logprobs: v.fallback(v.array(likelySchema), []) })),
      }),
      v.object({
        tokens: v.array(v.string()),
        top_logprobs: v.array(v.nullable(v.record(v.string(), v.number()))),
      }),
    ]),
  ),
  undefined,
);
const contentSchema = v.fallback(
  v.nullish(v.union([v.string(), v.array(v.object({ text: v.fallback(v.optional(v.string()), undefined) }))])),
  undefined,
);
const choiceSchema = v.object({
  message: v.fallback(
    v.optional(v.object({ content: contentSchema, reasoning_content: word, reasoning: word, refusal: word })),
    undefined,
  ),
  text: v.fallback(v.optional(v.string()), undefined),
  finish_reason: word,
  logprobs: logprobsSchema,
});
const schema = v.object({
  choices: v.strictTuple([
    v.pipe(
      choiceSchema,
      v.check(({ message, text }) => message !== undefined || text !== undefined),
    ),
  ]),
  usage: usageSchema,
});
