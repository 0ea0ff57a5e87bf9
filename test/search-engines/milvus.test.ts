import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { parse } from "yaml";

import { oracleScore } from "../simulator/oracle.ts";
import { codeBlocks } from "./code-blocks.ts";
import { type EngineProxy, startEngineProxy } from "./engine-proxy.ts";
import { goFloat, goInteger, goList, goText } from "./go-json.ts";
import { type EngineAnswer, goHeaders, sendAsEngine } from "./send-as-engine.ts";

// Each provider of Milvus' model ranker as its source has it, in internal/util/function/rerank/*_rerank_provider.go and the clients
// in internal/util/function/models/ of 2.6: the request that it makes from the settings of the page, and what it reads.

const texts = ["Carson City is in Nevada.", "", "Washington, D.C. is its capital.", "Carson City is in Nevada."];

let proxy: EngineProxy;
beforeAll(async () => void (proxy = await startEngineProxy()));
afterAll(() => proxy[Symbol.asyncDispose]());

const scored = v.object({ index: goInteger, relevance_score: goFloat });
const indexed = v.object({ index: goInteger, score: goFloat });

interface Provider {
  /** Fields of a request beside the texts, in the order of their names, as Go has those of a map. */
  body(query: string, settings: Settings): object;
  /** Reads scores as the provider does. */
  read(body: unknown): readonly { readonly index: number; readonly score: number }[];
}

const providers: Readonly<Record<string, Provider>> = {
  tei: {
    body: (query, { truncate }) => ({ query, texts, ...(truncate !== undefined && { truncate }) }),
    read: (body) => v.parse(goList(indexed), body),
  },
  vllm: {
    body: (query) => ({ documents: texts, query }),
    read: (body) =>
      renamed(
        v.parse(
          v.object({
            results: goList(scored),
            id: goText,
            model: goText,
            usage: v.nullish(v.object({ total_tokens: goInteger })),
          }),
          body,
        ).results,
      ),
  },
  cohere: {
    body: (query, { model_name: model }) => ({ documents: texts, model, query }),
    read: (body) => renamed(v.parse(v.object({ results: goList(scored), id: goText, meta: cohereMeta }), body).results),
  },
  siliconflow: {
    body: (query, { model_name: model }) => ({ documents: texts, model, query }),
    read: (body) =>
      renamed(v.parse(v.object({ results: goList(scored), id: goText, meta: siliconflowMeta }), body).results),
  },
  voyageai: {
    body: (query, { model_name: model }) => ({ documents: texts, model, query }),
    read: (body) =>
      renamed(
        v.parse(
          v.object({
            object: goText,
            data: goList(scored),
            model: goText,
            usage: v.nullish(v.object({ total_tokens: goInteger })),
          }),
          body,
        ).data,
      ),
  },
  ali: {
    body: (query, { model_name: model }) => ({ model, input: { query, documents: texts } }),
    read: (body) =>
      renamed(
        v.parse(
          v.object({
            output: v.object({ results: goList(scored) }),
            usage: v.nullish(v.object({ total_tokens: goInteger })),
            request_id: goText,
          }),
          body,
        ).output.results,
      ),
  },
};

const cohereMeta = v.nullish(
  v.object({
    api_version: v.nullish(v.object({ version: goText, is_experimental: v.nullish(v.boolean()) })),
    billed_units: v.nullish(v.object({ search_units: goInteger })),
  }),
);

const siliconflowMeta = v.nullish(
  v.object({
    billed_units: v.nullish(
      v.object({
        input_tokens: goInteger,
        output_tokens: goInteger,
        search_units: goInteger,
        classifications: goInteger,
      }),
    ),
    tokens: v.nullish(v.object({ input_tokens: goInteger, output_tokens: goInteger })),
  }),
);

function renamed(results: readonly v.InferOutput<typeof scored>[]): ReturnType<Provider["read"]> {
  return results.map(({ index, relevance_score: score }) => ({ index, score }));
}

describe.each(Object.keys(providers))("the provider %s of Milvus, with the settings that the page has", (name) => {
  it("gives each text its score, twice the same and empty ones too", async () => {
    const { settings, answer } = await rank(name);
    const [query = ""] = settings.queries;
    expect(readScores(name, answer)).toEqual(texts.map((text) => Math.fround(oracleScore(query, text))));
  });

  it.each([
    ["a wrong key", "sk-nobody", 401, "the key is not known"],
    ["a limit of its key", () => proxy.slowKey, 429, "of the key slow are used up"],
  ])("shows the reason of %s", async (_, key, status, reason) => {
    const given = typeof key === "string" ? key : key();
    // The limit is one request a minute, for all providers together: the first request of a minute is served.
    const refused = await vi.waitUntil(
      async () => {
        const { answer } = await rank(name, given);
        return answer.status === status && answer;
      },
      { timeout: 60_000 },
    );
    expect(() => readScores(name, refused)).toThrow(reason);
  });
});

it.each(["tei", "vllm"])(
  "the provider %s gets the model of its key, and the reason of a text that it refuses",
  async (name) => {
    const { answer } = await rank(name, proxy.refusingKey);
    expect(answer.status).toBe(422);
    expect(() => readScores(name, answer)).toThrow("documents[0]");
  },
);

/** One request of a provider, by the settings of the page. */
async function rank(
  name: string,
  key = proxy.key,
): Promise<{ readonly settings: Settings; readonly answer: EngineAnswer }> {
  const settings = await settingsOf(name);
  const [query = ""] = settings.queries;
  const body = JSON.stringify(providers[name]?.body(query, settings));
  // Cohere's client writes the scheme in lower case.
  const authorization = name === "cohere" ? `bearer ${key}` : `Bearer ${key}`;
  const headers = {
    ...goHeaders,
    "content-type": "application/json",
    authorization,
    ...(name === "cohere" && { accept: "application/json" }),
  };
  return { settings, answer: await sendAsEngine({ method: "POST", url: settings.url, headers, body }) };
}

/** Anything but 200 fails with the whole body in the message; scores are sorted by index and read by position, in 32 bits. */
function readScores(name: string, { status, body }: EngineAnswer): readonly number[] {
  if (status !== 200) throw new Error(`Call service failed, errs:[${status}, ${body}]`);
  const sorted = (providers[name]?.read(JSON.parse(body)) ?? []).toSorted((a, b) => a.index - b.index);
  return texts.map((_, position) => Math.fround(sorted[position]?.score ?? 0));
}

const functionSettings = v.object({
  reranker: v.literal("model"),
  provider: v.string(),
  queries: v.array(v.string()),
  endpoint: v.optional(v.string()),
  credential: v.optional(v.string()),
  model_name: v.optional(v.string()),
  truncate: v.optional(v.boolean()),
});

type Settings = v.InferOutput<typeof functionSettings> & { readonly url: string };

const milvusYaml = v.object({
  credential: v.record(v.string(), v.object({ apikey: v.string() })),
  function: v.object({
    rerank: v.object({
      model: v.object({ providers: v.record(v.string(), v.object({ credential: v.string(), url: v.string() })) }),
    }),
  }),
});

/** The settings of a function of the page, and where they lead at this proxy. */
async function settingsOf(provider: string): Promise<Settings> {
  const [json = ""] = await codeBlocks("milvus.md", "json");
  const [yaml = ""] = await codeBlocks("milvus.md", "yaml");
  const settings = v.parse(v.array(functionSettings), JSON.parse(json)).find((one) => one.provider === provider);
  const { credential, function: functions } = v.parse(milvusYaml, parse(yaml));
  if (settings === undefined) throw new Error(`the page has no function with ${provider}`);
  const of = functions.rerank.model.providers[provider];
  expect(credential[settings.credential ?? of?.credential ?? ""]).toEqual({ apikey: "sk-of-milvus" });
  const { endpoint } = settings;
  // As both clients with an endpoint do: the path is theirs.
  const url = endpoint === undefined ? (of?.url ?? "") : new URL("/rerank", endpoint).href;
  return { ...settings, url: url.replace("http://proxy:4000", proxy.url) };
}
