import { createDheera } from "@dheera-ai/core";
import { describe, expect, test } from "vitest";

import { huggingface } from "../huggingface.ts";
import { serve } from "../testing/serve.ts";
import { type TeiSetting, logit, teiAnswers } from "../testing/tei.ts";

const query = "needle";
const needle = " the needle ";

/** What is denser than four characters a token. */
const haystacks = {
  digits: "0,1.618 2;71828 31415-926535 ".repeat(120),
  code: "if(a[i]!==b){f(x=>y)};\n".repeat(120),
  URLs: "https://ex.am/ple?a=1&b=2#c ".repeat(120),
  Arabic: "السلام عليكم ورحمة الله وبركاته ".repeat(90),
  CJK: "検索の結果を並べ替えるには時間がかかります。".repeat(120),
  "one endless word": "qZ9x".repeat(700),
} as const;

function dheeraAt(apiBase: string): ReturnType<typeof createDheera> {
  return createDheera({
    providers: [huggingface({ environment: {} })],
    model_list: [
      { model_name: "m", dheera_ai_params: { model: "huggingface/BAAI/bge-reranker-base", api_base: apiBase } },
    ],
  });
}

/** No vocabulary is poorer: each character is a token. */
const dense: TeiSetting = { token: /\S/gu, maxTokens: 300 };
/** As rich as the vocabularies of small models are. */
const usual: TeiSetting = { token: /[A-Z]?[a-z]{1,3}|[^\sa-z]/gu, maxTokens: 300 };

describe.each(Object.entries(haystacks))("a needle in %s", (_name, haystack) => {
  test.each([
    { how: "the server's own count", setting: dense, counts: true },
    { how: "an estimate, where the server does not count", setting: usual, counts: false },
  ])("is found wherever it lies, by $how", async ({ setting, counts }) => {
    const answers = teiAnswers(setting);
    await using server = await serve((request) =>
      request.path === "/tokenize" && !counts ? { status: 404 } : answers(request),
    );
    await using dheera = dheeraAt(server.url);
    for (let place = 0; place <= haystack.length; place += 97) {
      const document = haystack.slice(0, place) + needle + haystack.slice(place);
      const { results } = await dheera.rerank({
        model: "m",
        query,
        documents: [document],
        long_documents: "chunk_max",
        max_chunks_per_doc: 100,
        raw_scores: true,
      });
      expect([place, results[0]?.relevance_score]).toEqual([place, logit(query, needle)]);
    }
    const sent = server.received.flatMap(({ path, body }) => (path === "/rerank" ? textsOf(body) : []));
    const longest = Math.max(...sent.map((text) => text.match(setting.token ?? /x/g)?.length ?? 0));
    expect(longest).toBeLessThanOrEqual(300 - (query.match(setting.token ?? /x/g)?.length ?? 0));
  });
});

test("says so where the server was expected to count and did not", async () => {
  const answers = teiAnswers(dense);
  await using server = await serve((request) => (request.path === "/tokenize" ? { status: 500 } : answers(request)));
  await using dheera = dheeraAt(server.url);
  const { meta } = await dheera.rerank({
    model: "m",
    query,
    documents: [haystacks.digits],
    long_documents: "chunk_max",
    max_chunks_per_doc: 100,
  });
  expect(meta.warnings).toEqual([expect.stringContaining("by an estimate of their tokens")]);
});

test("asks for no count where every document is short enough for certain", async () => {
  await using server = await serve(teiAnswers());
  await using dheera = dheeraAt(server.url);
  await dheera.rerank({ model: "m", query, documents: ["x".repeat(400)], long_documents: "chunk_max" });
  expect(server.asked).toEqual(["GET /info", "POST /rerank"]);
});

test.each([
  ["cut by the model's length", 512, "word ".repeat(600_000)],
  ["cut by the limit of bytes", 8192, "検索の結果を ".repeat(600_000)],
])("a document above the server's 2 MB is scored: %s", async (_name, maxTokens, document) => {
  await using server = await serve(teiAnswers({ maxTokens }));
  await using dheera = dheeraAt(server.url);
  const { results } = await dheera.rerank({ model: "m", query: "word", documents: ["short", document] });
  expect(results).toHaveLength(2);
  expect(server.asked.filter((request) => request === "POST /rerank").length).toBeLessThanOrEqual(2);
});

test("half a character is no reason to refuse a document", async () => {
  await using server = await serve(teiAnswers());
  await using dheera = dheeraAt(server.url);
  await dheera.rerank({ model: "m", query: "word", documents: [`cut ${"😀".charAt(0)}`] });
  expect(textsOf(server.received.at(-1)?.body)).toEqual(["cut \uFFFD"]);
});

function textsOf(body: unknown): readonly string[] {
  const texts = typeof body === "object" && body !== null && "texts" in body ? body.texts : [];
  return Array.isArray(texts) ? texts : [];
}
