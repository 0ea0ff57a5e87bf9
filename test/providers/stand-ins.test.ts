import { createDheera, type Dheera, type DheeraError, isDheeraError, type RerankResponse } from "@dheera-ai/core";
import { allRows, rowProviders } from "@dheera-ai/providers";
import { describe, expect, it } from "vitest";

import { standIns } from "./stand-ins/all-stand-ins.ts";
import { secret, type ServedStandIn, serveStandIn } from "./stand-ins/serve-stand-in.ts";
import type { StandIn, StandInLimits } from "./stand-ins/stand-in.ts";

const query = "which is best";
/** Proxies of other gateways have no documentation to stand in for: `packages/providers` tests them. */
const proxies = ["dheera_ai", "litellm_proxy"];

/** Where what failed is tried again: nowhere, at other deployments, or at the same one too. */
const nowhere = { retryable: false };
const elsewhere = { retryable: true, permanent: true };
const again = { retryable: true, permanent: false };

it("there is a stand-in for each row", () => {
  const tested = new Set(standIns.map(({ provider }) => provider));
  expect(allRows.map(({ row }) => row.name).filter((name) => !tested.has(name))).toEqual(proxies);
});

describe.each(standIns.map((standIn) => [`${standIn.provider}/${standIn.model}`, standIn] as const))(
  "%s",
  (_, standIn) => {
    it("is ranked as its server scores, with what was billed and on its scale", async () => {
      const { response, served } = await rank(standIn, documentsOf(25));
      expect(served).toMatchObject({ refused: [], scored: [{ query }] });
      expect(response.results.map(({ index }) => index)).toEqual(expectedOrder(25));
      const [best] = expectedOrder(25);
      expect(response.results[0]?.relevance_score).toBeCloseTo(standIn.scoreOf(relevanceAt(best ?? 0)), 4);
      expect(response.meta.score_kind).toBe(standIn.scoreKind);
      const { inputTokens, searchUnits } = standIn.used ?? {};
      if (inputTokens !== undefined) expect(response.usage).toMatchObject({ prompt_tokens: inputTokens });
      if (standIn.costs === undefined) expect(response.usage ?? {}).not.toHaveProperty("cost");
      else expect(response.usage?.cost).toBeCloseTo(standIn.costs, 12);
      if (searchUnits !== undefined) expect(response.meta.billed_units).toMatchObject({ search_units: searchUnits });
    });

    it("gives the best of all where the caller wants few, and the caller's own documents", async () => {
      const documents = documentsOf(25);
      const { response } = await rank(standIn, documents, { top_n: 3, return_documents: true });
      expect(response.results.map(({ index, document }) => [index, document])).toEqual(
        expectedOrder(25)
          .slice(0, 3)
          .map((index) => [index, { text: documents[index] }]),
      );
    });

    const { documents, tokens, characters, bytes } = standIn.limits;
    // A gateway takes no more than 10,000 itself.
    if (documents && documents.most < 5_000 && !standIn.isListwise)
      it(`gets at most ${documents.most} documents a call`, async () => {
        const { response, served } = await rank(standIn, documentsOf(2 * documents.most + 1));
        expect(served.refused).toEqual([]);
        expect(served.scored.map((asked) => asked.documents.length)).toSatisfy((counts: number[]) =>
          counts.every((count) => count <= documents.most),
        );
        expect(response.results.map(({ index }) => index)).toEqual(expectedOrder(2 * documents.most + 1));
      });

    if (documents && standIn.isListwise)
      it(`is never asked for a part of a request, and refuses more than ${documents.most} documents at once`, async () => {
        const { served } = await rank(standIn, documentsOf(200));
        expect(served.scored.map((asked) => asked.documents.length)).toEqual([200]);
        const { served: other, failure } = await fail(standIn, documentsOf(documents.most + 1));
        expect(other.scored).toEqual([]);
        expect(failure).toMatchObject({ retryable: false });
      });

    if (tokens)
      it(`gets at most ${tokens.most} tokens a call`, async () => {
        const count = Math.ceil((2.5 * tokens.most) / tokens.ofDocument);
        const { response, served } = await rank(standIn, documentsOf(count, 2 * tokens.ofDocument));
        expect(served.refused).toEqual([]);
        expect(served.scored.length).toBeGreaterThan(2);
        expect(response.results.map(({ index }) => index)).toEqual(expectedOrder(count));
      });

    if (characters)
      it(`gets at most ${characters.most} characters of a document`, async () => {
        const [first = "", ...others] = documentsOf(3);
        const { response, served } = await rank(standIn, [first + " more".repeat(characters.most / 5), ...others]);
        expect(served.refused).toEqual([]);
        expect(response.results.map(({ index }) => index)).toEqual(expectedOrder(3));
      });

    if (bytes)
      it(`gets at most ${bytes.most} bytes a call`, async () => {
        const long = documentsOf(10).map((document) => `${document}${" long".repeat(bytes.most / 20)}`);
        const { response, served } = await rank(standIn, long);
        expect(served.refused).toEqual([]);
        expect(response.results.map(({ index }) => index)).toEqual(expectedOrder(10));
      });

    const undocumented = (status: number): StandInLimits => ({ documents: { most: 6, status } });
    if (standIn.isPerSearch)
      it("is asked once where a limit that nobody documents refuses, because each part would cost a search", async () => {
        const { failure, served } = await fail(standIn, documentsOf(25), undefined, undocumented(400));
        expect(failure.code).toBe("provider_rejected");
        expect(served.refused).toHaveLength(1);
      });
    else if (!standIn.isListwise)
      it.each([400, 413, 422])("ranks although a limit that nobody documents refuses with %d", async (status) => {
        const limits = undocumented(status);
        const { response, served } = await rank(standIn, documentsOf(25), {}, limits);
        expect(served.refused.length).toBeGreaterThan(0);
        expect(response.results.map(({ index }) => index)).toEqual(expectedOrder(25));
      });

    it.each([
      [400, "provider_rejected", nowhere],
      [401, "provider_auth", elsewhere],
      [402, "provider_auth", elsewhere],
      [403, "provider_auth", elsewhere],
      [404, "provider_failed", elsewhere],
      [413, "provider_rejected", nowhere],
      [422, "provider_rejected", nowhere],
      [429, "provider_rate_limited", again],
      [500, "provider_failed", again],
      [502, "provider_failed", again],
      [503, "provider_overloaded", again],
      [504, "provider_failed", again],
    ] as const)("fails with HTTP %d as %s", async (status, code, tried) => {
      const [document = ""] = documentsOf(1);
      const body = standIn.error(status, `${secret}: the-key, ${query}, ${document}`);
      const headers = status === 429 ? (standIn.rateHeaders ?? { "retry-after": "7" }) : {};
      const { failure } = await fail(standIn, [document], { status, headers, body });
      expect(failure).toMatchObject({ code, ...tried, provider: standIn.provider });
      expect(failure.retryAfter).toBe(status === 429 ? 7 : undefined);
      for (const hidden of [secret, "the-key", query, document]) expect(failure.message).not.toContain(hidden);
    });

    it("is no ranking where an answer of status 200 holds an error", async () => {
      const body = standIn.error(400, secret);
      const { failure } = await fail(standIn, documentsOf(2), { status: 200, body });
      expect(failure.code).toBe("provider_bad_response");
      expect(failure.message).not.toContain(secret);
    });

    it("is not asked without a key", async () => {
      await using served = await serveStandIn(standIn);
      const failure = await failureOf(connect(standIn, served, null).rerank({ model: "m", query, documents: ["a"] }));
      if (standIn.params?.["api_base"] === undefined)
        expect({ failure, asked: served.refused }).toMatchObject({ failure: { code: "provider_auth" }, asked: [] });
      else expect(failure.code).toBe("provider_auth");
    });
  },
);

it("learns the tokens of a call from Voyage's refusal, which names them", async () => {
  const voyage = standInOf("voyage");
  const { tokens } = voyage.limits;
  if (tokens === undefined) throw new Error("Voyage has a limit of tokens");
  const limits = { tokens: { ...tokens, most: 5_000 } };
  await using served = await serveStandIn(voyage, limits);
  await using dheera = connect(voyage, served);
  const documents = documentsOf(20, 1_000);
  for (const expected of [1, 1]) {
    const { results } = await dheera.rerank({ model: "m", query, documents, cache: { "no-cache": true } });
    expect(results.map(({ index }) => index)).toEqual(expectedOrder(20));
    expect(served.refused).toHaveLength(expected);
  }
});

it("keeps the order of Prime Inference's answer where scores saturate", async () => {
  const prime = standInOf("prime");
  const saturated: StandIn = {
    ...prime,
    // Ordered by what is not told: the last document first.
    order: "positions",
    answer: (rows) => ({ results: rows.toReversed().map(({ index }) => ({ index, relevance_score: 1 })) }),
  };
  const { response } = await rank(saturated, documentsOf(5));
  expect(response.results.map(({ index }) => index)).toEqual([4, 3, 2, 1, 0]);
  expect(response.results.map(({ relevance_score }) => relevance_score.toFixed(12))).toEqual(
    Array.from({ length: 5 }, () => "1.000000000000"),
  );
});

it("tells operators DashScope's name for an error that comes with status 200", async () => {
  const dashscope = standInOf("dashscope");
  const body = dashscope.error(429, secret);
  const { failure } = await fail(dashscope, documentsOf(2), { status: 200, body });
  expect(failure).toMatchObject({ code: "provider_bad_response", upstream: { code: "Throttling.RateQuota" } });
});

it("warns where Pinecone served another model than was asked for", async () => {
  const pinecone = standInOf("pinecone");
  const other: StandIn = {
    ...pinecone,
    answer: (rows, asked) => ({ ...(pinecone.answer(rows, asked) as object), model: "pinecone-rerank-v0" }),
  };
  const { response } = await rank(other, documentsOf(2));
  expect(response.meta.warnings).toEqual([
    "Pinecone served the model pinecone-rerank-v0 in place of bge-reranker-v2-m3",
  ]);
});

function standInOf(provider: string): StandIn {
  const found = standIns.find((standIn) => standIn.provider === provider);
  if (found === undefined) throw new Error(`there is no stand-in for ${provider}`);
  return found;
}

interface Ranked {
  readonly response: RerankResponse;
  readonly served: ServedStandIn;
}

async function rank(
  standIn: StandIn,
  documents: readonly string[],
  more: Readonly<Record<string, unknown>> = {},
  limits: StandInLimits = standIn.limits,
): Promise<Ranked> {
  await using served = await serveStandIn(standIn, limits);
  await using dheera = connect(standIn, served);
  return { response: await dheera.rerank({ model: "m", query, documents, ...more }), served };
}

async function fail(
  standIn: StandIn,
  documents: readonly string[],
  refusal?: Parameters<ServedStandIn["refuse"]>[0],
  limits: StandInLimits = standIn.limits,
): Promise<{ readonly failure: DheeraError; readonly served: ServedStandIn }> {
  await using served = await serveStandIn(standIn, limits);
  served.refuse(refusal);
  await using dheera = connect(standIn, served);
  return { failure: await failureOf(dheera.rerank({ model: "m", query, documents })), served };
}

async function failureOf(outcome: Promise<unknown>): Promise<DheeraError> {
  const error: unknown = await outcome.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (isDheeraError(error)) return error;
  throw new Error("this should have ended with a DheeraError", { cause: error });
}

function connect(standIn: StandIn, { fetch }: ServedStandIn, key: string | null = "the-key"): Dheera {
  const { provider, model, params } = standIn;
  return createDheera({
    providers: rowProviders({ environment: {} }),
    transport: { fetch },
    router_settings: { num_retries: 0 },
    model_list: [
      {
        model_name: "m",
        dheera_ai_params: { model: `${provider}/${model}`, ...params, ...(key !== null && { api_key: key }) },
      },
    ],
  });
}

/** Each begins with its relevance; `words` more follow. */
function documentsOf(count: number, words: number = 2): readonly string[] {
  return Array.from(
    { length: count },
    (_, index) => `${relevanceAt(index).toFixed(6)} secret document ${"word ".repeat(words)}`,
  );
}

/** No two of the first 30,011 are equal, and they are in no order. */
function relevanceAt(index: number): number {
  return (((index * 7_919 + 3) % 30_011) + 1) / 30_012;
}

function expectedOrder(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index).toSorted(
    (one, other) => relevanceAt(other) - relevanceAt(one),
  );
}
