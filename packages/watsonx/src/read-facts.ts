import type { Usage } from "@dheera-ai/core";
import { plainText } from "@dheera-ai/core/provider-utils";
import * as v from "valibot";

/** What an answer says beside the scores: the tokens that were counted, and another model than the one that was asked. */
export function readFacts(
  answer: unknown,
  model: string,
): { readonly usage?: Usage | undefined; readonly warnings: readonly string[] } {
  const { input_token_count: inputTokens, model_id: served } = v.parse(schema, answer);
  return {
    usage: inputTokens === undefined ? undefined : { inputTokens },
    warnings:
      served === undefined || served === model ? [] : [`watsonx answered with the model ${plainText(served, 100)}`],
  };
}

/** One that is missing or no count is not said. */
const count = v.fallback(v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER))), undefined);
const schema = v.fallback(
  v.object({ input_token_count: count, model_id: v.fallback(v.optional(v.string()), undefined) }),
  {},
);
