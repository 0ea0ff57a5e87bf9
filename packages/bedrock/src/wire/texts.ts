import { DheeraError } from "@dheera-ai/core";

/** Characters of a text at the Rerank API. */
export const mostCharacters = 32_000;

/** One empty text makes Amazon refuse all of them. */
export function withoutEmpty(text: string): string {
  return text === "" ? " " : text;
}

/**
 * Documents are cut by core; of a query nobody knows which half was meant.
 * @throws DheeraError `invalid_request`, before anything is sent
 */
export function checkQuery(query: string): void {
  if (query.length <= mostCharacters) return;
  throw new DheeraError(
    "invalid_request",
    `query has ${query.length} characters; Amazon Bedrock takes ${mostCharacters} at most`,
    { param: "query", provider: "bedrock" },
  );
}
