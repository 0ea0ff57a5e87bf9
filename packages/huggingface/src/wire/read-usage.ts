import type { HttpAnswer, Usage } from "@dheera-ai/core";
import * as v from "valibot";

/** Input tokens as the server counted them; undefined where the answer names none. */
export function readUsage({ headers, body }: HttpAnswer): Usage | undefined {
  // Text Embeddings Inference.
  const header = Number(headers.get("x-compute-tokens") ?? Number.NaN);
  if (Number.isSafeInteger(header) && header > 0) return { inputTokens: header };
  const parsed = v.safeParse(Array.isArray(body) ? rows : totals, body, { abortEarly: true });
  return parsed.success ? { inputTokens: parsed.output } : undefined;
}

const count = v.pipe(v.number(), v.integer(), v.minValue(1));
/** vLLM, Infinity, llama.cpp and LocalAI; LocalAI's back ends may count nothing and answer 0. */
const usage = v.pipe(
  v.object({ usage: v.object({ total_tokens: count }) }),
  v.transform((answer) => answer.usage.total_tokens),
);
/** Xinference, as Cohere does. */
const meta = v.pipe(
  v.object({ meta: v.object({ tokens: v.object({ input_tokens: count }) }) }),
  v.transform((answer) => answer.meta.tokens.input_tokens),
);
const totals = v.union([usage, meta]);
/** SGLang, for each document. */
const rows = v.pipe(
  v.array(v.object({ meta_info: v.object({ prompt_tokens: count }) })),
  v.transform((answer) => answer.reduce((sum, row) => sum + row.meta_info.prompt_tokens, 0)),
);
