import type { Options } from "../options/parse-options.ts";
import type { Prompt } from "../prompt/prompts.ts";
import type { Habits } from "./habits.ts";

/** What a prompt asks for. */
export type Wanted = "ranking" | "grades" | "word";

/** The prompt for a format, because a prompt says what an answer looks like. */
export type WritePrompt = (format: Habits["format"]) => Prompt;

/** The body of a request, as this server wants it. @param model undefined where the address names it */
export function bodyOf(
  write: WritePrompt,
  wanted: Wanted,
  options: Options,
  habits: Habits,
  model: string | undefined,
): Readonly<Record<string, unknown>> {
  const prompt = write(habits.format);
  const isRaw = "raw" in prompt;
  return {
    ...options.extraBody,
    ...(model !== undefined && { model }),
    ...(isRaw ? { prompt: prompt.raw } : { messages: messagesOf(prompt, habits) }),
    [isRaw ? "max_tokens" : habits.bound]: options.maxOutputTokens,
    ...(habits.takesTemperature && { temperature: options.temperature }),
    ...(habits.takesEffort && options.reasoningEffort !== undefined && { reasoning_effort: options.reasoningEffort }),
    ...(wanted === "word" ? logprobsOf(isRaw, habits) : formatOf(wanted, habits)),
  };
}

function messagesOf({ system, user }: Exclude<Prompt, { raw: string }>, { takesSystem }: Habits): readonly object[] {
  if (!takesSystem) return [{ role: "user", content: `${system}\n\n${user}` }];
  return [
    { role: "system", content: system },
    { role: "user", content: user },
  ];
}

function logprobsOf(isRaw: boolean, { topLogprobs }: Habits): object {
  return isRaw ? { logprobs: topLogprobs } : { logprobs: true, top_logprobs: topLogprobs };
}

function formatOf(wanted: Exclude<Wanted, "word">, { format }: Habits): object {
  if (format === "text") return {};
  if (format === "json_object") return { response_format: { type: format } };
  return { response_format: { type: format, json_schema: { name: wanted, strict: true, schema: schemas[wanted] } } };
}

/** The same for every window: servers compile a schema once. Only what OpenAI's strict mode allows. */
const schemas: Readonly<Record<Exclude<Wanted, "word">, object>> = {
  ranking: objectOf("ranking", { type: "integer" }),
  grades: objectOf("grades", {
    type: "object",
    properties: { id: { type: "integer" }, grade: { type: "integer" } },
    required: ["id", "grade"],
    additionalProperties: false,
  }),
};

function objectOf(name: string, items: object): object {
  return {
    type: "object",
    properties: { [name]: { type: "array", items } },
    required: [name],
    additionalProperties: false,
  };
}
