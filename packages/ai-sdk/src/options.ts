import { InvalidArgumentError, type SharedV4ProviderOptions } from "@ai-sdk/provider";
import type { RerankRequest } from "dheera-ai";
import * as v from "valibot";

/** What `providerOptions.dheera` may hold: every field of the library's request that `rerank` has no argument for. */
export type DheeraRerankingOptions = Omit<RerankRequest, FieldOfCall>;

type FieldOfCall =
  | "model"
  | "query"
  | "documents"
  | "top_n"
  | "top_k"
  | "return_documents"
  | "signal"
  | "api_base"
  | "api_key";

/**
 * The options of one call.
 * @throws InvalidArgumentError that names the option nobody knows. What each may be is checked by the library, once.
 */
export function readOptions(providerOptions: SharedV4ProviderOptions | undefined): DheeraRerankingOptions {
  const options: unknown = providerOptions?.["dheera"];
  if (options === undefined || options === null) return {};
  const parsed = v.safeParse(schema, options);
  if (parsed.success && !Array.isArray(options)) return parsed.output;
  // A schema for objects takes a list for one.
  const path = parsed.success || Array.isArray(options) ? null : v.getDotPath(parsed.issues[0]);
  throw path === null
    ? refusal("providerOptions.dheera", 'must be an object such as { rank_fields: ["title"] }')
    : refusal(`providerOptions.dheera.${plainName.test(path) ? path : "…"}`, remedyOf(path));
}

/** Where the other fields of a request are given. */
const elsewhere: Readonly<Record<FieldOfCall, string>> = {
  model: "is an argument of rerank",
  query: "is an argument of rerank",
  documents: "is an argument of rerank",
  top_n: "is the argument topN of rerank",
  top_k: "is the argument topN of rerank",
  return_documents: "has no use here: rerank returns the documents",
  signal: "is the argument abortSignal of rerank",
  api_base: "is baseURL of createDheeraAI",
  api_key: "is apiKey of createDheeraAI",
};

/** Its value is checked with the rest of the request. */
const leftToLibrary = <Name extends keyof DheeraRerankingOptions>(): v.GenericSchema<unknown, RerankRequest[Name]> =>
  v.custom<RerankRequest[Name]>(() => true);

/** A field that is added to the library's request does not compile until it is here. */
const entries = {
  rank_fields: v.optional(leftToLibrary<"rank_fields">()),
  max_tokens_per_doc: v.optional(leftToLibrary<"max_tokens_per_doc">()),
  max_chunks_per_doc: v.optional(leftToLibrary<"max_chunks_per_doc">()),
  long_documents: v.optional(leftToLibrary<"long_documents">()),
  truncate: v.optional(leftToLibrary<"truncate">()),
  truncation_direction: v.optional(leftToLibrary<"truncation_direction">()),
  raw_scores: v.optional(leftToLibrary<"raw_scores">()),
  normalize: v.optional(leftToLibrary<"normalize">()),
  min_score: v.optional(leftToLibrary<"min_score">()),
  diversify: v.optional(leftToLibrary<"diversify">()),
  instruction: v.optional(leftToLibrary<"instruction">()),
  relevant_spans: v.optional(leftToLibrary<"relevant_spans">()),
  on_document_error: v.optional(leftToLibrary<"on_document_error">()),
  provider_options: v.optional(leftToLibrary<"provider_options">()),
  cache: v.optional(leftToLibrary<"cache">()),
  explain: v.optional(leftToLibrary<"explain">()),
  priority: v.optional(leftToLibrary<"priority">()),
  fallbacks: v.optional(leftToLibrary<"fallbacks">()),
  disable_fallbacks: v.optional(leftToLibrary<"disable_fallbacks">()),
  timeout: v.optional(leftToLibrary<"timeout">()),
} satisfies { readonly [Name in keyof DheeraRerankingOptions]-?: v.GenericSchema<unknown, RerankRequest[Name]> };

const schema: v.GenericSchema<unknown, DheeraRerankingOptions> = v.strictObject(entries);

/** A longer name, or one of other characters, is not repeated: it may be anything. */
const plainName = /^[\w-]{1,40}$/;

function remedyOf(name: string): string {
  if (isElsewhere(name)) return elsewhere[name];
  const names = Object.keys(entries);
  const meant = names.find((known) => lettersOf(known) === lettersOf(name));
  return `is no option; ${meant === undefined ? `the options are ${names.join(", ")}` : `did you mean ${meant}?`}`;
}

function isElsewhere(name: string): name is FieldOfCall {
  return Object.hasOwn(elsewhere, name);
}

/** `rankFields`, `rank-fields` and `rank_fields` are one name. */
function lettersOf(name: string): string {
  return name.replaceAll(/[_-]/g, "").toLowerCase();
}

function refusal(argument: string, remedy: string): InvalidArgumentError {
  return new InvalidArgumentError({ argument, message: `${argument}: ${remedy}` });
}
