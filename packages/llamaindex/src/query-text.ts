import type { MessageContent } from "@llamaindex/core/llms";
import { DheeraError } from "dheera-ai";

/**
 * The text of a query; parts stand in paragraphs of their own, as LlamaIndex puts them together.
 * @throws DheeraError `invalid_request` where there is no query, or a part is no text: leaving it out would answer another question.
 */
export function textOf(query: MessageContent | undefined): string {
  if (query === undefined) throw invalid("query: is required: the text that nodes are compared with");
  if (typeof query === "string") return query;
  const texts = query.map((part, index) => {
    if (part.type === "text") return part.text;
    throw invalid(`query[${index}]: is no text (${part.type}), and rerankers compare texts; describe it in words`);
  });
  return texts.join("\n\n");
}

function invalid(message: string): DheeraError {
  return new DheeraError("invalid_request", message, { param: "query" });
}
