import type { ScoreCall } from "@dheera-ai/core";

/**
 * The prompt an instruction-following reranker was trained on. Query and document are sent separately and the server
 * joins them.
 */
export interface PromptTemplate {
  /** Holds `{query}` and, where the model takes one, `{instruction}`. */
  readonly query: string;
  /** Holds `{document}`. */
  readonly document: string;
  /** Used when the caller gives no instruction. */
  readonly instruction?: string | undefined;
}

/** `server`: the server applies the template itself. */
export type TemplateChoice = TemplateName | "server" | PromptTemplate;

export const templateNames = ["qwen3-reranker", "mxbai-rerank-v2", "nemotron-rerank"] as const;
export type TemplateName = (typeof templateNames)[number];

interface KnownTemplate extends PromptTemplate {
  /** Models that need it, by name. */
  readonly models: RegExp;
}

/** From the model cards, split between query and document. */
const known: Readonly<Record<TemplateName, KnownTemplate>> = {
  "qwen3-reranker": {
    models: /qwen3-(?:vl-)?reranker/i,
    query:
      '<|im_start|>system\nJudge whether the Document meets the requirements based on the Query and the Instruct provided. Note that the answer can only be "yes" or "no".<|im_end|>\n' +
      "<|im_start|>user\n<Instruct>: {instruction}\n<Query>: {query}\n",
    document: "<Document>: {document}<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n",
    instruction: "Given a web search query, retrieve relevant passages that answer the query",
  },
  "mxbai-rerank-v2": {
    models: /mxbai-rerank-(?:base|large)-v2/i,
    query:
      "<|im_start|>system\nYou are Qwen, created by Alibaba Cloud. You are a helpful assistant.<|im_end|>\n<|im_start|>user\nquery: {query}\n",
    document:
      "document: {document}\nYou are a search relevance expert who evaluates how well documents match search queries. For each query-document pair, carefully analyze the semantic relationship between them, then provide your binary relevance judgment (0 for not relevant, 1 for relevant).\n" +
      "Relevance:<|im_end|>\n<|im_start|>assistant\n",
  },
  "nemotron-rerank": {
    models: /nemotron[\w.-]*rerank|nv-rerankqa/i,
    query: "question:{query}",
    document: " \n \n passage:{document}",
  },
};

/** The template to apply here; undefined when the server applies it or none is applied. */
export function chosenTemplate(choice: TemplateChoice | undefined): PromptTemplate | undefined {
  if (typeof choice === "object") return choice;
  return choice === undefined || choice === "server" ? undefined : known[choice];
}

/** The name of the template that a model with one of these names needs. */
export function neededTemplate(modelNames: readonly string[]): TemplateName | undefined {
  return templateNames.find((template) => modelNames.some((name) => known[template].models.test(name)));
}

/**
 * The call with query, documents and instruction put into the prompt; no parameter carries the instruction any more.
 */
export function applyTemplate(template: PromptTemplate, call: ScoreCall): ScoreCall {
  const [head = "", tail = ""] = template.document.split("{document}");
  const { instruction, ...params } = call.params;
  // A function as the replacement: "$&" in a text must stay "$&".
  const query = template.query.replace(/\{instruction\}|\{query\}/g, (name) =>
    name === "{query}" ? call.query : (instruction ?? template.instruction ?? ""),
  );
  return { ...call, params, query, documents: call.documents.map((document) => head + document + tail) };
}

export function takesInstruction(template: PromptTemplate): boolean {
  return template.query.includes("{instruction}");
}

/** About how many tokens of the model's length the template takes; rather too many than too few. */
export function templateTokens(template: PromptTemplate | undefined): number {
  return template === undefined
    ? 0
    : Math.ceil((template.query.length + template.document.length + (template.instruction?.length ?? 0)) / 3);
}
