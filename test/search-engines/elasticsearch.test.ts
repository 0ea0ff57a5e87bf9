import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { oracleScore } from "../simulator/oracle.ts";
import { codeBlocks } from "./code-blocks.ts";
import { type EngineProxy, startEngineProxy } from "./engine-proxy.ts";
import { type EngineAnswer, sendAsEngine } from "./send-as-engine.ts";

// Elasticsearch's inference services `custom` and `hugging_face`, as the files have them that docs/search-engines/elasticsearch.md names:
// the request of each, and what the retriever `text_similarity_reranker` makes of the answer.

const query = 'What is the "capital" of the United States?';
const documents = [
  "Carson City is in Nevada.",
  "",
  "Washington, D.C. is its capital: naïve – 東京 😀",
  "Carson City is in Nevada.",
];
const expected = documents.map((document) => Math.fround(oracleScore(query, document)));

const endpoints = await readEndpoints();
let proxy: EngineProxy;
beforeAll(async () => void (proxy = await startEngineProxy()));
afterAll(() => proxy[Symbol.asyncDispose]());

describe.each([
  { service: "custom", send: sendCustom, read: readCustom },
  { service: "hugging_face", send: sendHuggingFace, read: readHuggingFace },
] as const)("the service $service, as the page sets it up", ({ send, read }) => {
  it("gets a score for each document, by its place", async () => {
    expect(scoresByPlace(read(await send()), documents.length)).toEqual(expected);
  });

  it("passes the test that creating it makes", async () => {
    const answer = await send({ asked: "test query", texts: ["how big"] });
    expect(scoresByPlace(read(answer), 1)).toEqual([Math.fround(oracleScore("test query", "how big"))]);
  });

  it("takes as many documents as the window has", async () => {
    const texts = Array.from({ length: 1_000 }, (_, number) => `document ${number}`);
    const scores = scoresByPlace(read(await send({ texts })), texts.length);
    expect(scores).toEqual(texts.map((text) => Math.fround(oracleScore(query, text))));
  });

  it.each([
    ["a wrong key", () => "sk-nobody", 401, /the key is not known/],
    ["a model whose limit is used up", () => proxy.busyKey, 429, /limits the rate/],
    ["a model that is not there", () => proxy.lonelyKey, 502, /could not be reached/],
  ])("is told of %s with a status and a JSON object", async (_, key, status, reason) => {
    // The page names one model, which the keys of these may not use.
    const answer = await send({ key: key(), model: modelOf(key()) });
    expect(answer.status).toBe(status);
    expect(JSON.stringify(v.parse(v.record(v.string(), v.unknown()), JSON.parse(answer.body)))).toMatch(reason);
  });
});

it("shows the proxy's scores as the page says, never negative and in their order, logits below 0 too", async () => {
  const { url, headers } = endpoints.custom;
  const answer = await sendAsEngine({
    method: "POST",
    url: atProxy(url),
    headers: { ...headers, Authorization: `Bearer ${proxy.key}` },
    body: JSON.stringify({ model: "bge", query, documents, raw_scores: true }),
  });
  const ranked = readCustom(answer).map(({ score }) => score);
  expect(Math.min(...ranked)).toBeLessThan(0);
  const shown = ranked.map(normalizeScore);
  expect(Math.min(...shown)).toBeGreaterThan(0);
  expect(shown).toEqual(shown.toSorted((one, other) => other - one));
  expect(new Set(shown).size).toBe(new Set(ranked).size);
});

interface Asked {
  readonly asked?: string;
  readonly texts?: readonly string[];
  readonly key?: string;
  /** In place of the page's. */
  readonly model?: string;
}

/** `CustomRequest`: templates of the headers become texts, those of the request JSON. */
function sendCustom({
  asked = query,
  texts = documents,
  key = proxy.key,
  model = "bge",
}: Asked = {}): Promise<EngineAnswer> {
  const { url, headers, request } = endpoints.custom;
  const json: Readonly<Record<string, string>> = { query: JSON.stringify(asked), input: JSON.stringify(texts) };
  return sendAsEngine({
    method: "POST",
    url: atProxy(url),
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, substitute(value, { api_key: key })]),
    ),
    body: substitute(request.replace('"bge"', JSON.stringify(model)), json),
  });
}

/** `HuggingFaceRerankRequest`: the retriever asks for neither texts nor a number of results. */
function sendHuggingFace({ asked = query, texts = documents, key = proxy.key }: Asked = {}): Promise<EngineAnswer> {
  return sendAsEngine({
    method: "POST",
    url: atProxy(endpoints.huggingFace.url),
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${key}` },
    body: JSON.stringify({ texts, query: asked }),
  });
}

interface RankedDoc {
  readonly index: number;
  readonly score: number;
}

/** `RerankResponseParser`: two lists by their paths, which must be of one length; numbers become floats and ints. */
function readCustom({ status, body }: EngineAnswer): readonly RankedDoc[] {
  expect(status).toBe(200);
  const { relevance_score, reranked_index } = endpoints.custom.json_parser;
  const scores = extractNumbers(JSON.parse(body), relevance_score);
  const indices = extractNumbers(JSON.parse(body), reranked_index);
  if (indices.length !== scores.length)
    throw new Error("The number of index fields was not the same as the number of scores");
  return scores.map((score, place) => ({ index: Math.trunc(indices[place] ?? -1), score: Math.fround(score) }));
}

/** `HuggingFaceRerankResponseEntity`: unknown fields are passed over, `index` must be an integer. */
function readHuggingFace({ status, body }: EngineAnswer): readonly RankedDoc[] {
  expect(status).toBe(200);
  const entry = v.object({ index: v.pipe(v.number(), v.integer()), score: v.number(), text: v.optional(v.string()) });
  return v.parse(v.array(entry), JSON.parse(body)).map(({ index, score }) => ({ index, score: Math.fround(score) }));
}

/** `extractScoresFromRankedDocs` of the retriever. */
function scoresByPlace(ranked: readonly RankedDoc[], count: number): readonly number[] {
  if (ranked.length !== count) throw new Error(`Expected ranked doc size to be ${count}, got ${ranked.length}`);
  const scores: number[] = Array.from({ length: count });
  for (const { index, score } of ranked) {
    if (index < 0 || index >= count) throw new RangeError(`Index ${index} out of bounds for length ${count}`);
    scores[index] = Math.max(scores[index] ?? Number.NEGATIVE_INFINITY, score);
  }
  return scores;
}

function normalizeScore(score: number): number {
  return Math.max(score, 0) + Math.min(Math.exp(score), 1);
}

/** `MapPathExtractor` for the paths that the page has: `$.<list>[*].<field>`. */
function extractNumbers(answer: unknown, path: string): readonly number[] {
  const [, list = "", field = ""] = /^\$\.(\w+)\[\*\]\.(\w+)$/.exec(path) ?? [];
  const schema = v.object({ [list]: v.array(v.object({ [field]: v.number() })) });
  return v.parse(schema, answer)[list]?.map((entry) => entry[field] ?? Number.NaN) ?? [];
}

/** `ValidatingSubstitutor`: a name that is not known is an error, and what is put in is not read again. */
function substitute(template: string, values: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`Found placeholder [\${${name}}] in field after replacement call`);
    return value;
  });
}

function modelOf(key: string): string {
  return (
    new Map([
      [proxy.busyKey, "busy"],
      [proxy.lonelyKey, "lonely"],
    ]).get(key) ?? "bge"
  );
}

const atProxy = (url: string): string => url.replace("http://proxy:4000", proxy.url);

/** The endpoints of the page. */
async function readEndpoints() {
  const [custom = "", huggingFace = ""] = await codeBlocks("elasticsearch.md", "http");
  const bodyOf = (block: string): unknown => JSON.parse(block.slice(block.indexOf("\n")));
  const paths = v.strictObject({ relevance_score: v.string(), reranked_index: v.string() });
  const settings = v.strictObject({
    secret_parameters: v.strictObject({ api_key: v.string() }),
    url: v.string(),
    headers: v.record(v.string(), v.string()),
    request: v.string(),
    response: v.strictObject({ json_parser: paths }),
  });
  const { response, ...first } = v.parse(
    v.strictObject({ service: v.literal("custom"), service_settings: settings }),
    bodyOf(custom),
  ).service_settings;
  const second = v.parse(
    v.strictObject({
      service: v.literal("hugging_face"),
      service_settings: v.strictObject({ api_key: v.string(), url: v.string() }),
    }),
    bodyOf(huggingFace),
  ).service_settings;
  return { custom: { ...first, ...response }, huggingFace: second };
}
