import { DheeraError } from "@dheera-ai/core";
import * as v from "valibot";

import { isQwenReranker } from "../prompt/raw-templates.ts";
import { checkTemplate } from "../prompt/template.ts";
import { type Mode, modes } from "./mode.ts";

export const responseFormats = ["json_schema", "json_object", "text"] as const;
export type ResponseFormat = (typeof responseFormats)[number];

/** What a deployment's parameters say, with every default filled in. */
export interface Options {
  readonly mode: Mode;
  /** Documents that one prompt compares. */
  readonly window: number;
  /** Documents by which the window moves. */
  readonly step: number;
  /** How often the window moves over the whole list, at most. */
  readonly passes: number;
  /** Documents of a request. */
  readonly maxDocuments: number;
  /** Requests to the server at one time, over all calls of the deployment. */
  readonly maxParallel: number;
  /** Words of a passage; the rest is cut. */
  readonly maxWords: number;
  /** Tokens that prompt and answer may have together; undefined where that is not known. */
  readonly contextWindow: number | undefined;
  readonly maxOutputTokens: number;
  /** The user's message, or the whole prompt where `completions` is true. */
  readonly prompt: string | undefined;
  readonly responseFormat: ResponseFormat | "auto";
  readonly temperature: number;
  readonly reasoningEffort: string | undefined;
  /** A version of Azure's API: `2024-10-21`. */
  readonly apiVersion: string | undefined;
  /** Asks `/completions` with a whole prompt, in place of `/chat/completions` with messages. */
  readonly completions: boolean;
  readonly revision: string | undefined;
  /** Further fields of each request. */
  readonly extraBody: Readonly<Record<string, unknown>>;
}

/** What the groups or batches of one call of usual size take at once, and few enough for a server of one's own. */
const usualParallel = 8;
/** Tokens of an answer where nothing else is said: the ids of a window are some hundred, the rest is for reasoning. */
const usualOutputTokens = 4_096;
/** Tokens that a prompt needs at least, beside its answer. */
const smallestPrompt = 256;

/** @throws DheeraError `invalid_request`, which names the parameter */
export function parseOptions(given: Readonly<Record<string, unknown>>, model: string): Options {
  const parsed = v.safeParse(schema, given);
  if (!parsed.success) {
    const issue = parsed.issues[0];
    throw refusal(v.getDotPath(issue) ?? "extra_body", issue.message);
  }
  const said = parsed.output;
  const completions = said.completions ?? false;
  const mode = said.mode ?? (completions ? "pointwise" : "listwise");
  refuseWithoutEffect(said, mode);
  if (completions && mode !== "pointwise")
    throw refusal("completions", `is for mode: pointwise, which asks for one word; ${mode} needs a chat`);
  if (completions && said.prompt === undefined && !isQwenReranker(model))
    throw refusal("prompt", "is needed with completions: the whole prompt of the model, with {query} and {document}");
  if (said.prompt !== undefined) {
    const problem = checkTemplate(said.prompt, mode);
    if (problem !== undefined) throw refusal("prompt", problem);
  }

  const window = said.window ?? (mode === "graded" ? 10 : 20);
  if (window < 2 && mode !== "graded") throw refusal("window", `must be a whole number from 2 to ${mostInWindow}`);
  if (said.step !== undefined && said.step >= window)
    throw refusal("step", `must be smaller than window, which is ${window}: a larger one would leave documents out`);
  return {
    mode,
    window: mode === "pointwise" ? 1 : window,
    step: said.step ?? Math.floor(window / 2),
    passes: said.passes ?? 1,
    maxDocuments: said.max_documents ?? 50,
    maxParallel: said.max_parallel ?? usualParallel,
    maxWords: said.max_words ?? 300,
    contextWindow: said.context_window,
    maxOutputTokens: outputTokens(said, mode),
    prompt: said.prompt,
    responseFormat: said.response_format ?? "auto",
    temperature: said.temperature ?? 0,
    reasoningEffort: said.reasoning_effort,
    apiVersion: said.api_version,
    completions,
    revision: said.revision,
    extraBody: said.extra_body ?? {},
  };
}

/** In words for people: a parameter that does nothing would be believed to do something. */
function refuseWithoutEffect(said: v.InferOutput<typeof schema>, mode: Mode): void {
  for (const [name, effective] of Object.entries(onlyFor))
    if (said[name as keyof typeof onlyFor] !== undefined && !effective.includes(mode))
      throw refusal(name, `has no effect with mode: ${mode}; it is for ${effective.join(", ")}`);
}

const onlyFor: Readonly<Record<"window" | "step" | "passes" | "response_format", readonly Mode[]>> = {
  window: ["listwise", "tournament", "graded"],
  step: ["listwise"],
  passes: ["listwise"],
  response_format: ["listwise", "tournament", "graded"],
};

/** The first word of an answer decides in mode pointwise; elsewhere an answer must not fill the whole context. */
function outputTokens(
  { max_output_tokens: said, context_window: context }: v.InferOutput<typeof schema>,
  mode: Mode,
): number {
  const usual = mode === "pointwise" ? 1 : Math.min(usualOutputTokens, Math.floor((context ?? Infinity) / 4));
  const most = said ?? usual;
  if (context !== undefined && context < most + smallestPrompt)
    throw refusal(
      "context_window",
      `must leave room for a prompt of ${smallestPrompt} tokens beside max_output_tokens, which is ${most}`,
    );
  return most;
}

function refusal(param: string, problem: string): DheeraError {
  return new DheeraError("invalid_request", `${param} ${problem}`, { param, provider: "llm" });
}

const mostInWindow = 100;

function count(most: number, least: number = 1): v.GenericSchema<unknown, number> {
  const message = `must be a whole number from ${least} to ${most}`;
  return v.pipe(v.number(message), v.integer(message), v.minValue(least, message), v.maxValue(most, message));
}

function oneOf<const Words extends readonly string[]>(words: Words): v.GenericSchema<unknown, Words[number]> {
  return v.picklist(words, `must be one of ${words.join(", ")}`);
}

/** Fields of a request that this package writes itself. */
const ownFields = ["model", "messages", "prompt", "stream", "n", "logprobs", "top_logprobs", "response_format"];

const temperature = "must be a number from 0 to 2";
const extraBody = v.pipe(
  v.record(v.string(), v.unknown(), "must be an object with further fields of each request"),
  v.check(
    (fields) => ownFields.every((name) => !Object.hasOwn(fields, name)),
    `must not have ${ownFields.join(", ")}, which are written here`,
  ),
);

const schema = v.object({
  mode: v.optional(oneOf(modes)),
  window: v.optional(count(mostInWindow)),
  step: v.optional(count(mostInWindow)),
  passes: v.optional(count(10)),
  max_documents: v.optional(count(10_000)),
  max_parallel: v.optional(count(1_000)),
  max_words: v.optional(count(1_000_000)),
  context_window: v.optional(count(10_000_000, 512)),
  max_output_tokens: v.optional(count(1_000_000)),
  prompt: v.optional(v.pipe(v.string("must be a text"), v.maxLength(100_000, "must have 100,000 characters at most"))),
  response_format: v.optional(oneOf(["auto", ...responseFormats])),
  temperature: v.optional(v.pipe(v.number(temperature), v.minValue(0, temperature), v.maxValue(2, temperature))),
  reasoning_effort: v.optional(oneOf(["none", "minimal", "low", "medium", "high", "xhigh"])),
  api_version: v.optional(
    v.pipe(
      v.string("must be a text"),
      v.regex(/^(?:\d{4}-\d{2}-\d{2}(?:-preview)?|preview|latest|v1)$/, "must be a version of Azure's API: 2024-10-21"),
    ),
  ),
  completions: v.optional(v.boolean("must be true or false")),
  revision: v.optional(v.pipe(v.string("must be a text"), v.minLength(1, "must not be empty"))),
  extra_body: v.optional(extraBody),
});

/** The names of all of them. */
export const optionNames: readonly string[] = Object.keys(schema.entries);
