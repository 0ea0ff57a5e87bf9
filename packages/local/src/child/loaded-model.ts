import type { ScoreMessage } from "../process/protocol.ts";

/** A model in the memory of this process. */
export interface LoadedModel {
  /** Begins a request: its query is read once. */
  read(asked: Asked): Query;
  /** With the special tokens of a single text. @throws Refusal */
  countTokens(text: string): Promise<number>;
}

/** What a request asks for all of its documents. */
export type Asked = Omit<ScoreMessage, "type" | "id" | "documents">;

export interface Query {
  /** Makes tokens of a document. @throws Refusal */
  prepare(document: string): Promise<Reading>;
  /** What reading the query took, once it was read. */
  usage(): { readonly queryTokens: number; readonly isQueryCut: boolean };
}

/** A document as tokens. */
export interface Reading {
  /** Those that the model reads for it, special tokens included. */
  readonly tokens: number;
  /** Whether tokens of the document are missing. */
  readonly isCut: boolean;
  /** @throws Refusal where the runtime fails or the score is not a number */
  score(): Promise<number>;
}
