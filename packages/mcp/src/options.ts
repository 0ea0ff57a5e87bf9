import type { RequestReport, RerankRequest, RerankResponse } from "@dheera-ai/core";

import type { McpLimits } from "./limits.ts";

/** What ranks: `rerank` of a Dheera, or a function that asks one elsewhere. */
export type RankDocuments = (
  request: RerankRequest,
  options: { readonly signal: AbortSignal; readonly report: RequestReport },
) => Promise<RerankResponse>;

/** A model, as agents are told of it. */
export interface McpModel {
  /** What a call names. */
  readonly name: string;
  /** What it is good for, in a sentence. */
  readonly description?: string | undefined;
  /** Tokens of the query and one document that it reads. */
  readonly context?: number | undefined;
  /** US dollars, where they are known. */
  readonly price?: { readonly per_search?: number; readonly per_million_tokens?: number } | undefined;
}

/** One call of a tool that has ended, also one whose arguments were refused. */
export interface McpCall {
  readonly tool: "rerank" | "list_models";
  /** `ok`, or why it failed: a code of Dheera AI's errors. */
  readonly outcome: string;
  readonly milliseconds: number;
  /** 0 for `list_models`, and where the arguments were refused. */
  readonly documents: number;
}

/** What the tools of the server rank with, and what calls may ask of them. */
export interface McpOptions {
  readonly dheera: { readonly rerank: RankDocuments };
  /** Asked for each `list_models`; the signal ends with the call, or when it has lasted `limits.seconds`. */
  readonly models: (signal: AbortSignal) => Promise<readonly McpModel[]> | readonly McpModel[];
  /** Of a call that names none. Without it, every call has to name one. */
  readonly defaultModel?: string | undefined;
  readonly limits?: Partial<McpLimits> | undefined;
  /** Of the program, as clients show it. */
  readonly version: string;
  /** Told of each call that has ended. Must not throw. */
  readonly onCall?: ((call: McpCall) => void) | undefined;
  /** Told what a client did wrong with the protocol, and what failed without a call; without texts of documents. */
  readonly onProblem?: ((message: string) => void) | undefined;
}
