import type { DheeraError } from "@dheera-ai/core";

import type { Options } from "../options/parse-options.ts";
import { type Answer, badAnswer } from "./read-answer.ts";

/** The error for an answer that cannot be used, with what to do about it. */
export function unusableAnswer({ text, isCutOff }: Answer, { maxOutputTokens }: Options, what: string): DheeraError {
  if (isCutOff)
    return badAnswer(
      `the model's answer was cut off after max_output_tokens (${maxOutputTokens}) and ${what}; raise it, or lower reasoning_effort or window of this deployment`,
      true,
    );
  if (text.trim() === "") return badAnswer(`the model's answer is empty and ${what}`);
  return badAnswer(
    `the model's answer ${what}; try response_format: json_schema, or a model that follows instructions better`,
  );
}
