/** The whole prompt of a model that is asked through `/completions`. */
export interface RawTemplate {
  /** Holds `{query}`, `{document}` and, where the model takes one, `{instruction}`. */
  readonly text: string;
  /** Used where the caller gives no instruction. */
  readonly instruction: string;
  /** Whether lines of a text may stay lines, because no line of plain words means anything in the template. */
  readonly keepsLines: boolean;
}

/**
 * Qwen3-Reranker's, from its model card. The answer is begun with an empty block of thoughts, so that the next token is
 * yes or no; without all this the model ranks almost at random.
 */
const qwenReranker: RawTemplate = {
  text:
    '<|im_start|>system\nJudge whether the Document meets the requirements based on the Query and the Instruct provided. Note that the answer can only be "yes" or "no".<|im_end|>\n' +
    "<|im_start|>user\n<Instruct>: {instruction}\n<Query>: {query}\n<Document>: {document}<|im_end|>\n" +
    "<|im_start|>assistant\n<think>\n\n</think>\n\n",
  instruction: "Given a web search query, retrieve relevant passages that answer the query",
  keepsLines: true,
};

/** Whether a model is one of Qwen's rerankers by its name. */
export function isQwenReranker(model: string): boolean {
  return /qwen3-(?:vl-)?reranker/i.test(model);
}

/** The operator's own template, else the known one of the model. */
export function rawTemplateOf(prompt: string | undefined): RawTemplate {
  return prompt === undefined ? qwenReranker : { text: prompt, instruction: "", keepsLines: false };
}
