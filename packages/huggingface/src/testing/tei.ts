import * as v from "valibot";

import { notFound, type Received, type Reply } from "./serve.ts";

export interface TeiSetting {
  readonly type?: "reranker" | "classifier" | "embedding";
  readonly maxBatch?: number;
  /** Words of query and text together, and of the text what does not fit is cut. */
  readonly maxTokens?: number;
  /** What a token is; a word when absent. */
  readonly token?: RegExp;
  /** Bytes of a body; 2,000,000 when absent. */
  readonly maxBytes?: number;
  readonly apiKey?: string;
  readonly version?: string;
  /** Parts of `/info` that a test wants otherwise. */
  readonly info?: Readonly<Record<string, unknown>>;
}

/** Answers as Text Embeddings Inference does: order of checks, error bodies, headers, ties in descending order. */
export function teiAnswers(setting: TeiSetting = {}): (request: Omit<Received, "hungUp">) => Reply {
  const { type = "reranker", maxBatch = 32, maxTokens = 512, apiKey, version = "1.9.3", token = word } = setting;
  const tokensOf = (text: string): readonly RegExpExecArray[] => [...text.matchAll(token)];
  const validation = version.startsWith("1.8") ? 413 : 422;
  const info = {
    model_id: "BAAI/bge-reranker-base",
    model_sha: "2cfc18c9415c912f9d8155881c133215df768a70",
    model_dtype: "float16",
    served_model_name: "BAAI/bge-reranker-base",
    model_type: {
      [type]: type === "embedding" ? { pooling: "cls" } : { id2label: { 0: "LABEL_0" }, label2id: { LABEL_0: 0 } },
    },
    max_concurrent_requests: 512,
    max_input_length: maxTokens,
    max_batch_tokens: 16384,
    max_batch_requests: null,
    max_client_batch_size: maxBatch,
    auto_truncate: true,
    tokenization_workers: 8,
    version,
    sha: null,
    docker_label: null,
    ...setting.info,
  };
  const check = (query: string, texts: readonly string[], count: number, truncate: boolean): Reply | undefined => {
    if (texts.length === 0) return { status: 400, body: { error: "`texts` cannot be empty", error_type: "Empty" } };
    if (count > maxBatch)
      return {
        status: validation,
        body: { error: `batch size ${count} > maximum allowed batch size ${maxBatch}`, error_type: "Validation" },
      };
    const long = texts.map((text) => tokensOf(query).length + tokensOf(text).length).find((all) => all > maxTokens);
    if (long !== undefined && !truncate)
      return {
        status: validation,
        body: {
          error: `Input validation error: \`inputs\` must have less than ${maxTokens} tokens. Given: ${long}`,
          error_type: "Validation",
        },
      };
    if (texts.some((text) => query === "" && text === ""))
      return { status: 400, body: { error: "Input validation error: `inputs` cannot be empty", error_type: "Empty" } };
    return undefined;
  };
  const cut = (query: string, text: string): string => {
    const last = tokensOf(text)[Math.max(0, maxTokens - tokensOf(query).length) - 1];
    return last === undefined ? text : text.slice(0, last.index + last[0].length);
  };
  const rerank = (body: unknown): Reply => {
    const parsed = v.safeParse(rerankSchema, body);
    if (!parsed.success)
      return {
        status: 422,
        body: "Failed to deserialize the JSON body into the target type: missing field `texts` at line 1 column 60",
      };
    const { query, texts: whole, truncate, raw_scores: raw } = parsed.output;
    const refusal = check(query, whole, whole.length, truncate ?? true);
    if (refusal) return refusal;
    const texts = whole.map((text) => cut(query, text));
    if (type !== "reranker")
      return { status: 424, body: { error: "model is not a re-ranker model", error_type: "Backend" } };
    const rows = texts.map((text, index) => ({
      index,
      score: raw ? logit(query, text) : 1 / (1 + Math.exp(-logit(query, text))),
    }));
    const tokens = texts.reduce((sum, text) => sum + tokensOf(query).length + tokensOf(text).length, 0);
    return { headers: compute(tokens), body: rows.toSorted((a, b) => a.score - b.score).toReversed() };
  };
  const similarity = (body: unknown): Reply => {
    const { inputs, parameters } = v.parse(similaritySchema, body);
    const refusal = check(
      inputs.source_sentence,
      inputs.sentences,
      inputs.sentences.length + 1,
      parameters?.truncate ?? true,
    );
    if (refusal) return refusal;
    if (type !== "embedding")
      return { status: 424, body: { error: "Model is not an embedding model", error_type: "Backend" } };
    return {
      headers: compute(
        inputs.sentences.reduce(
          (sum, text) => sum + tokensOf(inputs.source_sentence).length + tokensOf(text).length,
          0,
        ),
      ),
      body: inputs.sentences.map((text) => Math.tanh(logit(inputs.source_sentence, text))),
    };
  };
  const tokenize = (body: unknown): Reply => {
    const { inputs } = v.parse(tokenizeSchema, body);
    const texts = typeof inputs === "string" ? [inputs] : inputs;
    if (texts.length > maxBatch)
      return {
        status: validation,
        body: {
          error: `batch size ${texts.length} > maximum allowed batch size ${maxBatch}`,
          error_type: "Validation",
        },
      };
    if (texts.includes(""))
      return { status: validation, body: { error: "`inputs` cannot be empty", error_type: "Validation" } };
    return { body: texts.map((text) => [special, tokensOf(text).map(tokenAt), special].flat()) };
  };

  return ({ method, path, headers, body }) => {
    if (method === "GET" && path === "/health") return { body: "" };
    if (apiKey !== undefined && headers["authorization"] !== `Bearer ${apiKey}`) return { status: 401, body: "" };
    if (method === "GET" && path === "/info") return { body: info };
    if (Buffer.byteLength(JSON.stringify(body)) > (setting.maxBytes ?? 2_000_000))
      return { status: 413, body: "Failed to buffer the request body: length limit exceeded" };
    if (method === "POST" && path === "/rerank") return rerank(body);
    if (method === "POST" && path === "/similarity") return similarity(body);
    if (method === "POST" && path === "/tokenize") return tokenize(body);
    return { ...notFound, body: "" };
  };
}

const special = { id: 0, text: "[SPECIAL]", special: true, start: null, stop: null };

function tokenAt({ 0: text, index }: RegExpExecArray): object {
  return { id: 1, text, special: false, start: index, stop: index + text.length };
}

/** Shared words minus one: what the fake model thinks. */
export function logit(query: string, text: string): number {
  const words = new Set(wordsOf(query));
  return wordsOf(text).filter((word) => words.has(word)).length - 1;
}

function compute(tokens: number): Readonly<Record<string, string>> {
  return {
    "x-compute-type": "gpu+optimized",
    "x-compute-tokens": String(tokens),
    "x-compute-time": "12",
    "x-total-time": "12",
  };
}

const word = /\p{L}+/gu;

function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(word) ?? [];
}

// As strict as the server: null for a boolean is refused, except for truncate.
const rerankSchema = v.object({
  query: v.string(),
  texts: v.array(v.string()),
  truncate: v.nullish(v.boolean()),
  truncation_direction: v.optional(v.picklist(["Left", "Right", "left", "right"])),
  raw_scores: v.optional(v.boolean()),
  return_text: v.optional(v.boolean()),
});

const tokenizeSchema = v.object({ inputs: v.union([v.string(), v.array(v.string())]) });

const similaritySchema = v.object({
  inputs: v.object({ source_sentence: v.string(), sentences: v.array(v.string()) }),
  parameters: v.nullish(
    v.object({
      truncate: v.nullish(v.boolean()),
      truncation_direction: v.optional(v.picklist(["Left", "Right", "left", "right"])),
    }),
  ),
});
