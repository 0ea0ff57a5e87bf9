import type { IncomingHttpHeaders } from "node:http";

import { rerank } from "ai";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { serveHttp } from "../../../test/support/serve-http.ts";
import { createDheeraAI } from "./index.ts";

const query = "cat";
const documents = ["the dog", "the cat"];

interface Asked {
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

describe("a request at a proxy", () => {
  let own: AsyncDisposableStack;
  let asked: Asked[];
  let baseURL: string;

  beforeEach(async () => {
    own = new AsyncDisposableStack();
    asked = [];
    const server = own.use(
      await serveHttp(async (request, response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk);
        asked.push({ headers: request.headers, body: JSON.parse(Buffer.concat(chunks).toString()) });
        response.writeHead(200, { "content-type": "application/json" });
        response.end(JSON.stringify(answer));
      }),
    );
    baseURL = server.url;
  });
  afterEach(() => own.disposeAsync());

  it("has the provider's headers, and those of its own call alone, which win in any case of letters", async () => {
    const provider = createDheeraAI({ baseURL, apiKey: "sk-mine", headers: { "X-Team": "search", "x-region": "eu" } });
    const model = provider("bge");
    await rerank({ model, query, documents, headers: { "x-team": "other", "x-request": "first" } });
    await rerank({ model, query, documents });
    const [first, second] = asked.map(({ headers }) => headers);
    expect(first).toMatchObject({
      authorization: "Bearer sk-mine",
      "x-team": "other",
      "x-region": "eu",
      "x-request": "first",
    });
    expect(second).toMatchObject({ authorization: "Bearer sk-mine", "x-team": "search", "x-region": "eu" });
    expect(second).not.toHaveProperty("x-request");
  });

  it("takes the authorization of a call in place of the provider's key", async () => {
    const model = createDheeraAI({ baseURL, apiKey: "sk-mine" })("bge");
    await rerank({ model, query, documents, headers: { Authorization: "Bearer sk-of-the-call" } });
    expect(asked[0]?.headers.authorization).toBe("Bearer sk-of-the-call");
  });

  it("sends no key of the environment", async () => {
    const before = process.env["DHEERA_AI_API_KEY"];
    process.env["DHEERA_AI_API_KEY"] = "sk-of-the-environment";
    try {
      await rerank({ model: createDheeraAI({ baseURL })("bge"), query, documents });
    } finally {
      if (before === undefined) delete process.env["DHEERA_AI_API_KEY"];
      else process.env["DHEERA_AI_API_KEY"] = before;
    }
    expect(asked[0]?.headers.authorization).toBeUndefined();
  });

  it("has the model's name as the proxy knows it, what the library is told, and options for providers behind it", async () => {
    const dheera = { instruction: "find animals", truncate: false, provider_options: { cohere: { priority: 1 } } };
    const model = createDheeraAI({ baseURL })("team/bge");
    await rerank({ model, query, documents, topN: 1, providerOptions: { dheera } });
    expect(asked[0]?.body).toMatchObject({
      model: "team/bge",
      query,
      documents,
      instruction: "find animals",
      truncate: false,
      provider_options: { cohere: { priority: 1 } },
    });
  });

  it("gives usage, cost and spans of the answer, and its warnings and what had no effect as warnings", async () => {
    const model = createDheeraAI({ baseURL })("bge");
    const result = await model.doRerank({
      query,
      documents: { type: "text", values: documents },
      providerOptions: {
        dheera: { relevant_spans: {}, cache: { "no-store": true }, priority: 1, disable_fallbacks: true },
      },
    });
    expect(result.providerMetadata?.["dheera"]).toMatchObject({
      usage: { prompt_tokens: 7, total_tokens: 7, cost: 0.25 },
      score_kind: "probability",
      results: [{ index: 1, relevant_spans: [{ start: 4, end: 7 }] }],
    });
    expect(result.warnings).toEqual([
      { type: "unsupported", feature: "providerOptions.dheera.cache", details: expect.any(String) },
      { type: "unsupported", feature: "providerOptions.dheera.priority", details: expect.any(String) },
      { type: "unsupported", feature: "providerOptions.dheera.disable_fallbacks", details: expect.any(String) },
      { type: "other", message: "the upstream warns: documents were cut" },
    ]);
  });
});

const answer = {
  id: "an-id",
  results: [
    { index: 1, relevance_score: 0.9, relevant_spans: [{ start: 4, end: 7 }] },
    { index: 0, relevance_score: 0.1 },
  ],
  meta: { score_kind: "probability", tokens: { input_tokens: 7, output_tokens: 0 }, warnings: ["documents were cut"] },
  usage: { prompt_tokens: 7, completion_tokens: 0, total_tokens: 7, cost: 0.25 },
};
