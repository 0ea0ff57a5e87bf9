/** One provider: what its requests and answers have in common, and the entries. */
export interface WireTable {
  readonly provider: string;
  /** Headers of its requests; `key` is the key of every entry that says nothing else. */
  readonly headers: Readonly<Record<string, unknown>>;
  /** The body of its requests, where a case has no other. */
  readonly body: unknown;
  /** What it answers: the third document before the first before the second. */
  readonly answer: unknown;
  readonly cases: readonly WireCase[];
}

/** An entry of `model_list` and the request that it leads to. */
export interface WireCase {
  /** `litellm_params` as YAML. */
  readonly entry: string;
  /** What stands in the environment; `KEY: key` always does. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Fields of the caller's request beside model, query, documents and `top_n: 2`. */
  readonly request?: Readonly<Record<string, unknown>>;
  readonly url: string;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  /** Requests before it, such as for a token, with their answers; the order does not count. */
  readonly before?: readonly { readonly sent: WireRequest; readonly answer: unknown }[];
  /** Sentences that the caller is told in `meta.warnings`. */
  readonly warnings?: readonly unknown[];
}

/** A request as it goes out. */
export interface WireRequest {
  readonly method: string;
  readonly url: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, unknown>>;
  /** JSON where it is JSON; null without a body. */
  readonly body: unknown;
}

export const query = "What is the capital of the United States?";
export const documents: readonly string[] = ["Carson City", "Saipan", "Washington, D.C."];
/** Documents as `{ text }`. */
export const records = [{ text: "Carson City" }, { text: "Saipan" }, { text: "Washington, D.C." }] as const;

export const json = { accept: "application/json", "content-type": "application/json" } as const;
/** The usual key. */
export const bearer = { ...json, authorization: "Bearer key" } as const;

/** The three documents as most answers order them: best first. */
export const results = [
  { index: 2, relevance_score: 0.9 },
  { index: 0, relevance_score: 0.4 },
  { index: 1, relevance_score: 0.1 },
] as const;

/** A bearer key of another name. */
export function bearerOf(key: string): Readonly<Record<string, string>> {
  return { ...json, authorization: `Bearer ${key}` };
}
