import type { Score } from "@dheera-ai/core";
import { type ProviderSubject, type ScoresAnswer, testProvider, type UpstreamAnswer } from "@dheera-ai/core/testing";
import { describe, test } from "vitest";

import { llm } from "./llm.ts";
import { readPrompt } from "./testing/read-prompt.ts";

const usage = { prompt_tokens: 42, completion_tokens: 1 };

/** One choice for each score: an answer for one document has one. */
function chat(scores: readonly Score[]): UpstreamAnswer {
  const choices = scores.map(({ score }) => ({
    index: 0,
    finish_reason: "length",
    message: { role: "assistant", content: score > 0.5 ? "yes" : "no" },
    logprobs: {
      content: [
        {
          token: "yes",
          logprob: logOf(score),
          top_logprobs: [
            { token: "yes", logprob: logOf(score) },
            { token: "no", logprob: logOf(1 - score) },
          ],
        },
      ],
    },
  }));
  return { body: { object: "chat.completion", choices } };
}

function completion(scores: readonly Score[]): UpstreamAnswer {
  const choices = scores.map(({ score }) => ({
    index: 0,
    finish_reason: "length",
    text: "yes",
    logprobs: { tokens: ["yes"], top_logprobs: [{ yes: logOf(score), no: logOf(1 - score) }] },
  }));
  return { body: { object: "text_completion", choices } };
}

/** JSON has no NaN, and no infinity. */
function logOf(probability: number): number | null {
  return Number.isNaN(probability) ? null : Math.max(-9_999, Math.log(probability));
}

function subjectOf(
  model: string,
  options: Readonly<Record<string, unknown>>,
  answer: (scores: readonly Score[]) => UpstreamAnswer,
): ProviderSubject {
  const withUsage = (scores: readonly Score[]): ScoresAnswer => {
    const { body } = answer(scores);
    return {
      body: { ...(typeof body === "object" ? body : {}), usage },
      usage: { inputTokens: usage.prompt_tokens, outputTokens: usage.completion_tokens },
    };
  };
  return {
    provider: llm({ environment: {} }),
    model,
    options: { max_words: 1_000_000, ...options },
    upstream: {
      path: "/v1",
      exchanges: "many",
      positional: true,
      readRequest: (request) => readPrompt(request) ?? { query: undefined, documents: undefined },
      answer: withUsage,
      answerWithoutUsage: answer,
      starting: {
        status: 503,
        body: { error: { code: 503, message: "Loading model", type: "unavailable_error" } },
      },
    },
  };
}

describe("through chat completions", () => {
  testProvider(subjectOf("gpt-4.1-mini", { mode: "pointwise" }, chat), { describe, test });
});

describe("through completions", () => {
  testProvider(subjectOf("Qwen/Qwen3-Reranker-0.6B", { completions: true }, completion), { describe, test });
});
