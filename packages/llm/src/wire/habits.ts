import type { Options, ResponseFormat } from "../options/parse-options.ts";

/** How a server wants to be asked, as far as it has said by its refusals. */
export interface Habits {
  readonly format: ResponseFormat;
  /** What the bound of an answer is called. */
  readonly bound: "max_tokens" | "max_completion_tokens";
  readonly takesTemperature: boolean;
  readonly takesEffort: boolean;
  /** Whether a message may have the role `system`; Gemma's template, for one, refuses it. */
  readonly takesSystem: boolean;
  /** Tokens whose log-probabilities are asked for. */
  readonly topLogprobs: number;
}

/** Before anything is known of the server. */
export function firstHabits({ responseFormat }: Pick<Options, "responseFormat">, isOpenAi: boolean): Habits {
  return {
    format: responseFormat === "auto" ? "json_schema" : responseFormat,
    bound: isOpenAi ? "max_completion_tokens" : "max_tokens",
    takesTemperature: true,
    takesEffort: true,
    takesSystem: true,
    topLogprobs: mostTopLogprobs,
  };
}

/** OpenAI's and vLLM's most. */
const mostTopLogprobs = 20;
/** What others allow, OpenAI's older `/completions` among them. */
const fewTopLogprobs = 5;

/** What was sent, and how the server refused it. */
export interface Refused {
  readonly habits: Habits;
  /** Names of the fields that were sent. */
  readonly sent: ReadonlySet<string>;
  /** The body of the refusal. It may quote documents: a change is remembered only when the server then answers. */
  readonly body: unknown;
}

/**
 * What to leave out or call otherwise after a refusal with status 400 or 422. Undefined where nothing is left to try.
 * @param triedBound whether the bound was called otherwise already
 */
export function changeHabits(
  { habits, sent, body }: Refused,
  { responseFormat }: Pick<Options, "responseFormat">,
  triedBound: boolean,
): Partial<Habits> | undefined {
  const said = JSON.stringify(body)?.slice(0, mostLooked).toLowerCase() ?? "";
  if (isOfTexts.test(said)) return undefined;
  if (sent.has(habits.bound) && /max_(?:completion_)?tokens/.test(said) && !triedBound)
    return { bound: habits.bound === "max_tokens" ? "max_completion_tokens" : "max_tokens" };
  if (sent.has("temperature") && said.includes("temperature")) return { takesTemperature: false };
  if (sent.has("reasoning_effort") && /reasoning/.test(said)) return { takesEffort: false };
  if (habits.takesSystem && /system.{0,20}(?:role|message)|role.{0,20}system/.test(said)) return { takesSystem: false };
  if (habits.topLogprobs > fewTopLogprobs && /top_?logprobs|logprobs.{0,60}\d/.test(said) && hasLogprobs(sent))
    return { topLogprobs: fewTopLogprobs };
  // Servers have many words for a format that they do not know, and some have none.
  if (sent.has("response_format") && responseFormat === "auto")
    return { format: habits.format === "json_schema" ? "json_object" : "text" };
  return undefined;
}

/** Refusals of what was sent, in words that documents hardly have: no other way to ask would help. */
const isOfTexts = /context_length|exceed_context|contextwindow|maximum context length|content_filter|content_policy/;
/** Characters of a refusal that are looked at. */
const mostLooked = 10_000;

function hasLogprobs(sent: ReadonlySet<string>): boolean {
  return sent.has("logprobs");
}
