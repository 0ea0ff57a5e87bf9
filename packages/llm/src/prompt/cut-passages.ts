import { DheeraError, type ScoreCall } from "@dheera-ai/core";
import { cautiousTokens } from "@dheera-ai/core/provider-utils";

import type { Options } from "../options/parse-options.ts";
import { cutToTokens, cutToWords } from "./cut-text.ts";
import { defuse, fence } from "./fence.ts";
import { judgingPrompt, type Prompt, type Subject } from "./prompts.ts";
import { gradingPrompt, rankingPrompt } from "./prompts.ts";

/** Documents as they are sent. */
export interface Passages {
  readonly texts: readonly string[];
  /** Indices of those that were cut. */
  readonly truncated: readonly number[];
}

/** Tokens of a passage below which nothing can be said of it. */
const fewestTokens = 16;
/** Tokens that a server adds around messages. */
const chatTokens = 32;
/** Tokens of the id and the signs around a passage. */
const rowTokens = 12;

/**
 * Cuts each document to `max_words`, to what the caller allows, and so far that the largest window fits into
 * `context_window` beside its answer: short documents leave their share to long ones. Nothing is cut where the caller
 * wants refusals.
 * @throws DheeraError `invalid_request` where the query leaves no room for documents
 */
export function cutPassages(call: ScoreCall, options: Options): Passages {
  const { documents, params } = call;
  if (params.truncate === false) return { texts: documents, truncated: [] };
  const fromEnd = params.truncationDirection === "left";
  const fenced = options.completions ? defuse : fence;
  const asked = params.maxTokensPerDocument ?? Infinity;
  const inWords = documents.map((text) => cutToWords(text, options.maxWords, fromEnd));
  const texts = withinWindow(
    asked === Infinity ? inWords : inWords.map((text) => cutToTokens(text, asked, fromEnd, fenced)),
    call,
    options,
    (text, tokens) => cutToTokens(text, tokens, fromEnd, fenced),
  );
  return { texts, truncated: texts.flatMap((text, index) => (text === documents[index] ? [] : [index])) };
}

function withinWindow(
  texts: readonly string[],
  { query, params: { instruction } }: ScoreCall,
  options: Options,
  cut: (text: string, tokens: number) => string,
): readonly string[] {
  const { contextWindow, maxOutputTokens } = options;
  if (contextWindow === undefined) return texts;
  const inWindow = Math.min(options.window, texts.length);
  const around = tokensOf(promptOf({ query, instruction, documents: [""] }, options)) + chatTokens;
  const room = contextWindow - maxOutputTokens - around - inWindow * rowTokens;
  if (room < inWindow * fewestTokens)
    throw new DheeraError(
      "invalid_request",
      `the query leaves ${Math.max(0, room)} tokens of context_window (${contextWindow}) for ${inWindow} documents; shorten it, or lower window of this deployment`,
      { param: "query", provider: "llm" },
    );
  const needs = texts.map((text) => cautiousTokens(options.completions ? defuse(text) : fence(text)));
  // Any documents may meet in a window: the longest ones decide.
  const most = fairShare(needs.toSorted((one, other) => other - one).slice(0, inWindow), room);
  return texts.map((text, index) => ((needs[index] ?? 0) <= most ? text : cut(text, most)));
}

/** The most that each may have where all together have no more than `room`. @param needs largest first */
function fairShare(needs: readonly number[], room: number): number {
  let left = room;
  for (let position = needs.length - 1; position >= 0; position--) {
    const share = Math.floor(left / (position + 1));
    const need = needs[position] ?? 0;
    if (need > share) return share;
    left -= need;
  }
  return Infinity;
}

function promptOf(subject: Subject, options: Options): Prompt {
  if (options.mode === "pointwise") return judgingPrompt(subject, options);
  const write = options.mode === "graded" ? gradingPrompt : rankingPrompt;
  return write(subject, options, options.responseFormat === "auto" ? "json_schema" : options.responseFormat);
}

function tokensOf(prompt: Prompt): number {
  return "raw" in prompt ? cautiousTokens(prompt.raw) : cautiousTokens(prompt.system) + cautiousTokens(prompt.user);
}
