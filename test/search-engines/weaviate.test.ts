import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";

import { oracleLogit, oracleScore } from "../simulator/oracle.ts";
import { codeBlocks } from "./code-blocks.ts";
import { type EngineProxy, startEngineProxy } from "./engine-proxy.ts";
import { goFloat, goInteger, goList, goText } from "./go-json.ts";
import { type EngineAnswer, goHeaders, sendAsEngine } from "./send-as-engine.ts";

// Each module of Weaviate as its source has it, in modules/reranker-*/clients/ranker.go of 1.35.2: the request that it makes, and
// what it reads from the answer.

const query = "What is the capital of the United States?";
const documents = ["Carson City is in Nevada.", "", "Washington, D.C. is its capital.", "Carson City is in Nevada."];
const scores = documents.map((document) => oracleScore(query, document));

let proxy: EngineProxy;
beforeAll(async () => void (proxy = await startEngineProxy()));
afterAll(() => proxy[Symbol.asyncDispose]());

describe("reranker-transformers, with the address that the page has", () => {
  it("gets one score for each text, in their order, twice the same and empty ones too", async () => {
    expect(readScores(await rank(await inferenceApi()))).toEqual(scores);
  });

  it("waits for a proxy that is ready, whatever key is in the address, before it starts", async () => {
    const origin = await inferenceApi("sk-nobody");
    const answer = await sendAsEngine({ method: "GET", url: `${origin}/.well-known/ready`, headers: goHeaders });
    expect(answer).toMatchObject({ status: 204, body: "" });
  });

  it("shows which model ranks", async () => {
    const answer = await sendAsEngine({ method: "GET", url: `${await inferenceApi()}/meta`, headers: goHeaders });
    expect(v.parse(v.record(v.string(), v.unknown()), JSON.parse(answer.body))).toMatchObject({ model: "bge" });
  });

  it.each([
    ["a wrong key", "sk-nobody", 401, /the key is not known/],
    ["a text that the model refuses", () => proxy.refusingKey, 422, /documents\[0\]/],
    ["a model whose limit is used up", () => proxy.busyKey, 429, /limits the rate of our requests/],
    ["a model that is not there", () => proxy.lonelyKey, 502, /could not be reached/],
  ])("reads the reason of %s as a text", async (_, key, status, reason) => {
    const answer = await rank(await inferenceApi(typeof key === "string" ? key : key()));
    expect(() => readScores(answer)).toThrow(reason);
    expect(() => readScores(answer)).toThrow(`fail with status ${status}: `);
  });

  it("reads the reason of a limit of its key", async () => {
    const origin = await inferenceApi(proxy.slowKey);
    expect(readScores(await rank(origin))).toEqual(scores);
    const second = await rank(origin);
    expect(() => readScores(second)).toThrow(/fail with status 429: .* of the key slow are used up/);
  });

  /** `RERANKER_INFERENCE_API` of the page, at this proxy and with this key. */
  async function inferenceApi(key = proxy.key): Promise<string> {
    const { environment } = await composedWith("reranker-transformers");
    const written = v.parse(v.string(), environment["RERANKER_INFERENCE_API"]);
    expect(new URL(written).password).toBe("sk-of-weaviate");
    return written.replace("proxy:4000", new URL(proxy.url).host).replace("sk-of-weaviate", key);
  }

  /** It names neither a type nor a key: those are in the address. */
  function rank(origin: string): Promise<EngineAnswer> {
    const body = JSON.stringify({ query, documents, property: "" });
    return sendAsEngine({
      method: "POST",
      url: `${origin}/rerank`,
      headers: { ...goHeaders, "accept-encoding": "identity" },
      body,
    });
  }

  const response = v.object({
    query: goText,
    scores: goList(v.object({ document: goText, score: goFloat })),
    property: goText,
    score: goFloat,
    error: goText,
  });

  /** The body is read before its status, and object by object gets the score at its position. */
  function readScores({ status, body }: EngineAnswer): readonly number[] {
    const read = v.parse(response, JSON.parse(body));
    if (status !== 200) throw new Error(`fail with status ${status}${read.error === "" ? "" : `: ${read.error}`}`);
    return documents.map((_, index) => {
      const given = read.scores[index];
      if (given === undefined) throw new Error(`no score at ${index}`);
      return given.score;
    });
  }
});

describe("reranker-cohere, with the baseURL that the page has", () => {
  // 1.35.2 asks at the first path, 1.40 at the second.
  it.each(["/v1/rerank", "/v2/rerank"])("ranks at %s, also what is there twice", async (path) => {
    expect(readResults(await rank(path))).toEqual(scores);
  });

  it.each([
    ["a wrong key", "sk-nobody", 401, /the key is not known/],
    ["a text that the model refuses", () => proxy.refusingKey, 422, /documents\[0\]/, "refusing"],
    ["a model whose limit is used up", () => proxy.busyKey, 429, /limits the rate of our requests/, "busy"],
    ["a model that its key may not use", () => proxy.key, 403, /busy/, "busy"],
  ])("reads the message of %s", async (_, key, status, reason, model = "bge") => {
    const answer = await rank("/v2/rerank", typeof key === "string" ? key : key(), model);
    expect(() => readResults(answer)).toThrow(reason);
    expect(answer.status).toBe(status);
  });

  async function rank(path: string, key = proxy.key, model?: string): Promise<EngineAnswer> {
    const settings = await settingsOf("reranker-cohere");
    const body = JSON.stringify({ documents, query, model: model ?? settings.model, return_documents: false });
    const headers = {
      ...goHeaders,
      authorization: `Bearer ${key}`,
      "content-type": "application/json",
      "request-source": "unspecified:weaviate",
    };
    return sendAsEngine({ method: "POST", url: `${settings.baseURL}${path}`, headers, body });
  }

  const response = v.object({
    id: goText,
    results: goList(v.object({ index: goInteger, relevance_score: goFloat })),
    meta: v.nullish(v.object({ api_version: v.nullish(v.object({ version: goText })) })),
  });

  function readResults({ status, body }: EngineAnswer): readonly number[] {
    if (status === 200)
      return placed(v.parse(response, JSON.parse(body)).results, ({ relevance_score: score }) => score);
    throw new Error(v.parse(v.object({ message: goText }), JSON.parse(body)).message);
  }
});

describe("reranker-nvidia, with the baseURL that the page has", () => {
  it("ranks by logits", async () => {
    const { rankings } = v.parse(response, JSON.parse((await rank()).body));
    expect(placed(rankings, ({ logit }) => logit)).toEqual(documents.map((document) => oracleLogit(query, document)));
  });

  it.each([
    ["a key that may not use the model", () => proxy.busyKey, "status: 403 error: the key busy may not use"],
    // Of most statuses it shows no more than the number.
    ["a wrong key", () => "sk-nobody", "status: 401"],
  ])("reads the refusal of %s", async (_, key, shown) => {
    const answer = await rank(key());
    expect(shownOf(answer).slice(0, shown.length)).toBe(shown);
    expect(v.parse(v.object({ detail: v.string() }), JSON.parse(answer.body)).detail).toMatch(/^the key /);
  });

  /** `getResponseError`. */
  function shownOf({ status, body }: EngineAnswer): string {
    if (status !== 402 && status !== 403) return `status: ${status}`;
    return `status: ${status} error: ${v.parse(v.object({ detail: goText }), JSON.parse(body)).detail}`;
  }

  async function rank(key = proxy.key): Promise<EngineAnswer> {
    const { baseURL, model } = await settingsOf("reranker-nvidia");
    const body = JSON.stringify({ model, query: { text: query }, passages: documents.map((text) => ({ text })) });
    const headers = {
      ...goHeaders,
      authorization: `Bearer ${key}`,
      accept: "application/json",
      "content-type": "application/json",
    };
    return sendAsEngine({ method: "POST", url: `${baseURL}/v1/retrieval/nvidia/reranking`, headers, body });
  }

  const response = v.object({ rankings: goList(v.object({ index: goInteger, logit: goFloat })) });
});

/** As both place results: into a list as long as the answer, at their index, where one beyond its end would end the search. */
function placed<Result extends { readonly index: number }>(
  results: readonly Result[],
  scoreOf: (result: Result) => number,
): readonly number[] {
  const list = results.map(() => 0);
  for (const result of results) {
    if (list[result.index] === undefined || documents[result.index] === undefined)
      throw new Error(`index ${result.index} of ${list.length}`);
    list[result.index] = scoreOf(result);
  }
  return list;
}

const composed = v.object({
  services: v.object({ weaviate: v.object({ environment: v.record(v.string(), v.string()) }) }),
});

async function composedWith(module: string): Promise<{ readonly environment: Readonly<Record<string, string>> }> {
  const blocks = (await codeBlocks("weaviate.md", "yaml")).map((block) => v.parse(composed, parse(block)));
  const found = blocks.find(({ services }) => services.weaviate.environment["ENABLE_MODULES"] === module);
  if (found === undefined) throw new Error(`the page enables ${module} nowhere`);
  return found.services.weaviate;
}

const collection = v.object({
  class: v.string(),
  moduleConfig: v.record(v.string(), v.object({ baseURL: v.optional(v.string()), model: v.optional(v.string()) })),
});

/** The settings of a collection of the page, at this proxy. */
async function settingsOf(module: string): Promise<{ readonly baseURL: string; readonly model: string }> {
  const blocks = (await codeBlocks("weaviate.md", "json")).map((block) => v.parse(collection, JSON.parse(block)));
  const { baseURL, model } = blocks.find(({ moduleConfig }) => module in moduleConfig)?.moduleConfig[module] ?? {};
  if (baseURL === undefined || model === undefined) throw new Error(`the page has no collection with ${module}`);
  return { baseURL: baseURL.replace("http://proxy:4000", proxy.url), model };
}
