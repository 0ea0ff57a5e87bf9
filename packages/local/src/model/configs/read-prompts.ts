import type { Configs } from "./read-configs.ts";
import type { BiEncoder } from "../description.ts";
import { unusable } from "../errors.ts";

export interface PromptWish {
  readonly queryPrompt?: string | undefined;
  readonly documentPrompt?: string | undefined;
}

/**
 * What stands before each text: what the configuration says, else what sentence-transformers takes for queries and
 * documents.
 * @param model Its name, for messages.
 * @throws DheeraError `invalid_request` where the model leaves its prompt out of the vector, which is not supported
 */
export function readPrompts(
  model: string,
  { sentenceTransformers, pooling }: Configs,
  wish: PromptWish,
): BiEncoder["prompts"] {
  const { prompts, default_prompt_name: byDefault } = sentenceTransformers;
  const named = (...names: readonly string[]): string =>
    names.map((name) => prompts?.[name]).find((prompt) => typeof prompt === "string") ?? "";
  const others = byDefault ? [byDefault] : [];
  const query = wish.queryPrompt ?? named("query", ...others);
  const document = wish.documentPrompt ?? named("document", "passage", "corpus", ...others);
  if (pooling?.include_prompt === false && (query !== "" || document !== ""))
    throw unusable(
      "invalid_request",
      "query_prompt",
      `local/${model} leaves its prompts out of its vectors, which is not supported; set query_prompt and document_prompt to "" or use another model`,
    );
  return { query, document };
}
