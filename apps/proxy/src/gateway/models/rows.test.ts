import { type Reply, type UpstreamRequest, withServer } from "@dheera-ai/core/testing";
import { describe, expect, it } from "vitest";

import { startProxy } from "../../fixtures/start-proxy.ts";

/** A provider that nobody has code for: its own names, its own forms, a nested answer. */
function yaml(url: string, more = ""): string {
  return `
providers:
  invented:
    label: Invented AI
    api_base: ${url}/api/v1
    api_key_env: [INVENTED_KEY]
    key_header: X-Invented-Key
    headers: { X-Invented-Version: "7" }
    path: /v1/models/{model}:order
    request:
      model: false
      query: ask.text
      documents: ask.passages
      document_form: object
      truncate: { field: ask.cut, cut: END, refuse: NONE, always: true }
      constants: { ask.return_texts: false }
      options: [tone]
    response:
      results: out.order
      index: id
      score: p
      input_tokens: [out.used]
      error_code: [fault]
    score_kind: probability
    billing: per-token
    limits: { documents_per_call: 2 }
    price: { per_million_tokens: 500000, date: 2026-11-25, source: a test }
${more}
model_list:
  - model_name: best
    dheera_ai_params: { model: invented/order-1, max_retries: 0 }
`;
}

/** A text's score is the number it begins with. */
function order({ body }: UpstreamRequest): Reply {
  const ask = body["ask"] as { readonly passages: readonly { readonly text: string }[] };
  const rows = ask.passages.map(({ text }, index) => ({ id: String(index), p: Number.parseFloat(text) }));
  return { body: { out: { order: rows.toReversed(), used: 1 } } };
}

const environment = { INVENTED_KEY: "k-1" };

describe("a provider that is a row of the configuration", () => {
  it("ranks, without any code: address, key, request, answer, limit and price are what the row says", async () => {
    await withServer(order, async ({ url, requests }) => {
      await using proxy = await startProxy({ yaml: yaml(url), environment });
      const response = await proxy.post("/rerank", {
        model: "best",
        query: "q",
        documents: ["0.1 a", "0.9 b", "0.5 c"],
        provider_options: { invented: { tone: "dry" } },
      });
      expect(await response.json()).toMatchObject({
        results: [
          { index: 1, relevance_score: 0.9 },
          { index: 2, relevance_score: 0.5 },
          { index: 0, relevance_score: 0.1 },
        ],
        // Half a dollar a token, and each of two calls used one.
        meta: { score_kind: "probability" },
        usage: { cost: 1 },
      });
      expect(requests.map(({ method, path }) => `${method} ${path}`)).toEqual(
        Array.from({ length: 2 }, () => "POST /api/v1/models/order-1:order"),
      );
      expect(requests[0]?.headers).toMatchObject({ "x-invented-key": "k-1", "x-invented-version": "7" });
      expect(requests[0]?.headers).not.toHaveProperty("authorization");
      expect(requests.map(({ body }) => body).toSorted((one, other) => countOf(other) - countOf(one))).toEqual([
        {
          ask: { text: "q", passages: [expect.any(Object), expect.any(Object)], cut: "END", return_texts: false },
          tone: "dry",
        },
        { ask: { text: "q", passages: [expect.any(Object)], cut: "END", return_texts: false }, tone: "dry" },
      ]);
    });
  });

  it.each([
    [401, "provider_auth", 502],
    [402, "provider_auth", 502],
    [404, "provider_failed", 502],
    [413, "provider_rejected", 422],
    [422, "provider_rejected", 422],
    [429, "provider_rate_limited", 429],
    [500, "provider_failed", 502],
    [503, "provider_overloaded", 503],
  ])("answers its %d as %s, without a word of it", async (status, code, ours) => {
    await withServer(
      () => ({ status, body: { detail: "secret words" }, headers: { "retry-after": "7" } }),
      async ({ url }) => {
        await using proxy = await startProxy({ yaml: yaml(url), environment });
        const response = await proxy.post("/rerank", { model: "best", query: "q", documents: ["a"] });
        const text = await response.text();
        expect(response.status).toBe(ours);
        expect(JSON.parse(text)).toMatchObject({ error: { code, message: expect.stringContaining("Invented AI") } });
        expect(text).not.toMatch(/secret|k-1/);
        if (status === 429) expect(response.headers.get("retry-after")).toBe("7");
      },
    );
  });

  it("calls an answer without a ranking a bad response", async () => {
    await withServer(
      () => ({ body: { fault: "Arrears", detail: "secret words" } }),
      async ({ url }) => {
        await using proxy = await startProxy({ yaml: yaml(url), environment });
        const response = await proxy.post("/rerank", { model: "best", query: "q", documents: ["a"] });
        const text = await response.text();
        expect([response.status, JSON.parse(text).error.code]).toEqual([502, "provider_bad_response"]);
        expect(text).not.toMatch(/secret|Arrears/);
      },
    );
  });

  it("is reached over the same connections as all others: no redirects, no answers without end", async () => {
    await withServer(
      ({ body }): Reply =>
        countOf(body) === 1
          ? { status: 307, headers: { location: "/elsewhere" }, body: {} }
          : { status: 200, body: "x".repeat(2_000_000) },
      async ({ url, requests }) => {
        const small = "general_settings: { max_response_size_mb: 1 }";
        await using proxy = await startProxy({ yaml: yaml(url, small), environment });
        const ask = async (documents: readonly string[]): Promise<string> =>
          (await proxy.post("/rerank", { model: "best", query: "q", documents })).text();
        expect(await ask(["a"])).toContain("redirect");
        expect(requests).toHaveLength(1);
        expect(JSON.parse(await ask(["a", "b"]))).toMatchObject({
          error: { code: "provider_bad_response", message: expect.stringContaining("1 MB") },
        });
      },
    );
  });

  it("can be sent nowhere by a caller", async () => {
    await withServer(order, async ({ url, requests }) => {
      await using proxy = await startProxy({ yaml: yaml(url), environment });
      const statusOf = async (more: object): Promise<number> =>
        (await proxy.post("/rerank", { model: "best", query: "q", documents: ["1 a"], ...more })).status;
      expect(await statusOf({ api_base: "http://127.0.0.1:4" })).toBe(400);
      expect(await statusOf({ model: "invented/other" })).toBe(404);
      expect(requests).toEqual([]);
    });
  });

  it("that has no key is not called, and the error says which variable to set", async () => {
    await withServer(order, async ({ url, requests }) => {
      await using proxy = await startProxy({ yaml: yaml(url) });
      const response = await proxy.post("/rerank", { model: "best", query: "q", documents: ["1 a"] });
      expect(await response.json()).toMatchObject({
        error: {
          code: "provider_auth",
          message: "there is no key for Invented AI; set INVENTED_KEY, or api_key of this deployment",
        },
      });
      expect(requests).toEqual([]);
    });
  });
});

function countOf(body: unknown): number {
  return (body as { readonly ask: { readonly passages: readonly unknown[] } }).ask.passages.length;
}
