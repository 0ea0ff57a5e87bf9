import { DheeraError } from "@dheera-ai/core";

/** What one server lets its clients ask; each is checked before an upstream is called. */
export interface McpLimits {
  /** Documents in one call, at most. */
  readonly documents: number;
  /** Characters of the query and all documents of one call together, at most. */
  readonly characters: number;
  /** Rankings that run at one time, of all clients together, at most. */
  readonly parallelCalls: number;
  /** Seconds for one ranking, every retry included, and for one list of models: 1 to 2,000,000. */
  readonly seconds: number;
}

/** What holds where an option is absent. */
export const defaultLimits: McpLimits = { documents: 1_000, characters: 2_000_000, parallelCalls: 16, seconds: 120 };

/** Results of an answer where the caller names no `top_n`: what an agent reads costs it context. */
export const defaultTopN = 10;

/** Characters of a document that come back: in an answer's text, and as `document` of a result. */
export const shownCharacters = 300;
export const returnedCharacters = 2_000;

/** @throws DheeraError for seconds that no timer can wait for: more than 24.8 days are taken for none */
export function requireSeconds(name: string, seconds: number): void {
  if (!(seconds >= 1 && seconds <= mostSeconds))
    throw new DheeraError("invalid_request", `${name} must be a number from 1 to ${mostSeconds}`, { param: name });
}

const mostSeconds = 2_000_000;

/** Bytes of one message, at most: a character of JSON has six at most (`\u0000`), and there are other fields. */
export function messageBytes({ characters }: McpLimits): number {
  return 6 * characters + 1_000_000;
}
