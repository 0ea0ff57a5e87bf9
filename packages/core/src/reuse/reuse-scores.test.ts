import fc from "fast-check";
import { describe, expect, it, onTestFinished, vi } from "vitest";

import type { Profile } from "../contract.ts";
import { createDheera } from "../dheera.ts";
import { DheeraError } from "../errors.ts";
import { mapCache } from "../fixtures/map-cache.ts";
import {
  type ScriptedProvider,
  deferred,
  pointwise,
  scoreAll,
  scoreOf,
  scriptedProvider,
  settle,
} from "../fixtures/scripted-provider.ts";
import { newReport } from "../dispatch/context.ts";
import type { ScoreCache } from "./score-cache.ts";

const model = "scripted/m";
const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, offset) => `document ${from + offset}`);

function dheeraWith(provider: ScriptedProvider) {
  return createDheera({ providers: [provider], cache: mapCache() });
}

describe("within a request", () => {
  it("scores identical documents once and gives each its score, also without a cache", async () => {
    const provider = scriptedProvider();
    const { results } = await createDheera({ providers: [provider] }).rerank({
      model,
      query: "q",
      documents: ["a", "b", "a", { text: "a" }],
    });
    expect(provider.sent()).toEqual(["a", "b"]);
    expect(results.map(({ index }) => index).toSorted()).toEqual([0, 1, 2, 3]);
    expect(new Set(results.filter(({ index }) => index !== 1).map((result) => result.relevance_score)).size).toBe(1);
  });

  it("tells apart long documents of the same length", async () => {
    const provider = scriptedProvider();
    const long = (letter: string): string => letter.repeat(20_000);
    await createDheera({ providers: [provider] }).rerank({
      model,
      query: "q",
      documents: [long("a"), long("b"), long("a")],
    });
    expect(provider.sent()).toEqual([long("a"), long("b")]);
  });
});

describe("between requests", () => {
  it.each(["pointwise", "listwise"] as const)(
    "forgets scores that their %s provider does not want to be kept, so that a warning comes with them each time",
    async (scoring) => {
      const provider = scriptedProvider((call) => ({ ...scoreAll(call), keep: false, warnings: ["mended"] }), {
        ...pointwise,
        scoring,
      });
      const dheera = dheeraWith(provider);
      for (const calls of [1, 2]) {
        const { meta } = await dheera.rerank({ model, query: "q", documents: ["a", "b"] });
        expect(provider.calls).toHaveLength(calls);
        expect(meta.warnings).toEqual(["mended"]);
      }
    },
  );

  it("sends only what is unknown: 20 of 100 when 80 are known", async () => {
    const provider = scriptedProvider(scoreAll, { ...pointwise, billing: "per-search" });
    const dheera = dheeraWith(provider);
    await dheera.rerank({ model, query: "q", documents: numbered(0, 80) });
    const report = newReport();
    const response = await dheera.rerank({ model, query: "q", documents: numbered(0, 100) }, { report });
    expect(provider.calls[1]?.documents).toEqual(numbered(80, 100));
    expect(report).toMatchObject({ cacheHits: 80, cacheMisses: 20 });
    expect(response.meta).toMatchObject({ cached_documents: 80, billed_units: { search_units: 1 } });
  });

  it("asks the cache for many documents a part at a time, and remembers each of them", async () => {
    const provider = scriptedProvider();
    const cache = mapCache();
    const asked: number[] = [];
    const watched: ScoreCache = {
      lookUp: (scope, documents) => (asked.push(documents.length), cache.lookUp(scope, documents)),
    };
    const dheera = createDheera({ providers: [provider], cache: watched });
    const documents = [...numbered(0, 2_500), ...numbered(0, 10)];
    const first = await dheera.rerank({ model, query: "q", documents });
    expect(asked).toEqual([1_000, 1_000, 510]);
    expect(provider.sent().toSorted()).toEqual(numbered(0, 2_500).toSorted());
    expect(cache.size()).toBe(2_500);
    const [half, whole] = [newReport(), newReport()];
    await dheera.rerank({ model, query: "q", documents: numbered(500, 3_500) }, { report: half });
    expect(half).toMatchObject({ cacheHits: 2_000, cacheMisses: 1_000 });
    const second = await dheera.rerank({ model, query: "q", documents }, { report: whole });
    expect(whole).toMatchObject({ cacheHits: 2_510, cacheMisses: 0 });
    expect(second.results).toEqual(first.results);
  });

  it("computes nothing twice that another request finished while the cache was being asked", async () => {
    const [slow, quick] = [deferred<void>(), deferred<void>()];
    const cache = mapCache();
    const late: ScoreCache = {
      lookUp: async (scope, documents) => {
        const lookup = cache.lookUp(scope, documents);
        if (documents.length === 2) await slow.promise;
        return lookup;
      },
    };
    const provider = scriptedProvider(async (call) => {
      await quick.promise;
      return scoreAll(call);
    });
    const dheera = createDheera({ providers: [provider], cache: late });
    const first = dheera.rerank({ model, query: "q", documents: ["a"] });
    const second = dheera.rerank({ model, query: "q", documents: ["a", "b"] });
    await settle();
    quick.resolve();
    await first;
    slow.resolve();
    expect((await second).results).toHaveLength(2);
    expect(provider.sent()).toEqual(["a", "b"]);
    // Work that ended is not kept for ever: scores that may not be stored are computed again.
    await dheera.rerank({ model, query: "q", documents: ["c"], cache: { "no-store": true } });
    await dheera.rerank({ model, query: "q", documents: ["c"], cache: { "no-store": true } });
    expect(provider.sent()).toEqual(["a", "b", "c", "c"]);
  });

  it("bills nothing for a request that is known whole", async () => {
    const dheera = dheeraWith(scriptedProvider(scoreAll, { ...pointwise, billing: "per-search" }));
    const request = { model, query: "q", documents: ["a", "b"] };
    const first = await dheera.rerank(request);
    const second = await dheera.rerank(request);
    expect(second.results).toEqual(first.results);
    expect(second.meta).toMatchObject({ cached_documents: 2, billed_units: { search_units: 0 } });
  });

  it("ranks seeded random traffic as it does without a cache", async () => {
    const request = fc.record({
      query: fc.constantFrom("q", "qq", "qqq"),
      documents: fc.array(fc.string({ maxLength: 3 }), { minLength: 1, maxLength: 30 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(request, { minLength: 2, maxLength: 12 }), async (requests) => {
        const withCache = dheeraWith(scriptedProvider());
        const without = createDheera({ providers: [scriptedProvider()] });
        for (const { query, documents } of requests) {
          const [cached, computed] = await Promise.all([
            withCache.rerank({ model, query, documents }),
            without.rerank({ model, query, documents }),
          ]);
          expect(cached.results).toEqual(computed.results);
        }
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    ["another query", { query: "other" }],
    ["raw scores", { raw_scores: true }],
    ["another instruction", { instruction: "be strict" }],
    ["another length", { max_tokens_per_doc: 7 }],
    ["another namespace", { cache: { namespace: "tenant" } }],
    ["no-cache", { cache: { "no-cache": true } }],
  ])("computes afresh for %s", async (_, difference) => {
    const provider = scriptedProvider();
    const dheera = dheeraWith(provider);
    await dheera.rerank({ model, query: "q", documents: ["a"] });
    await dheera.rerank({ model, query: "q", documents: ["a"], ...difference });
    expect(provider.calls).toHaveLength(2);
  });

  it("does not remember what came with no-store, and remembers what came with no-cache", async () => {
    const provider = scriptedProvider();
    const dheera = dheeraWith(provider);
    await dheera.rerank({ model, query: "q", documents: ["a"], cache: { "no-store": true } });
    await dheera.rerank({ model, query: "q", documents: ["a"], cache: { "no-cache": true } });
    expect(provider.calls).toHaveLength(2);
    await dheera.rerank({ model, query: "q", documents: ["a"] });
    expect(provider.calls).toHaveLength(2);
  });

  it("never serves scores of an old revision of the model", async () => {
    let profile: Profile = pointwise;
    const provider = scriptedProvider();
    const connect = provider.connect;
    const changing = {
      ...provider,
      connect: (target: Parameters<typeof connect>[0]) => ({ ...connect(target), profile: () => profile }),
    };
    const dheera = dheeraWith(changing);
    await dheera.rerank({ model, query: "q", documents: ["a"] });
    profile = { ...pointwise, fingerprint: "two" };
    await dheera.rerank({ model, query: "q", documents: ["a"] });
    expect(provider.calls).toHaveLength(2);
  });

  it("says what cached scores are as it said when they were computed", async () => {
    const provider = scriptedProvider((call) => ({
      ...scoreAll(call),
      ...(call.params.rawScores && { scoreKind: "logit" as const }),
    }));
    const dheera = dheeraWith(provider);
    const request = { model, query: "q", documents: ["a"], raw_scores: true };
    expect((await dheera.rerank(request)).meta.score_kind).toBe("logit");
    expect((await dheera.rerank(request)).meta).toMatchObject({ score_kind: "logit", cached_documents: 1 });
  });

  it("does not take the kind of scores that provider_options ask for as the kind of others", async () => {
    const provider = scriptedProvider(
      (call) => ({
        ...scoreAll(call),
        ...(call.providerOptions["activation"] === "none" && { scoreKind: "logit" as const }),
      }),
      pointwise,
      { takesProviderOptions: true },
    );
    const dheera = dheeraWith(provider);
    const request = { model, query: "q", documents: ["a"] };
    const logits = { ...request, provider_options: { scripted: { activation: "none" } } };
    await dheera.rerank(request);
    await dheera.rerank(logits);
    expect((await dheera.rerank(request)).meta).toMatchObject({ score_kind: "probability", cached_documents: 1 });
    expect((await dheera.rerank(logits)).meta).toMatchObject({ score_kind: "logit", cached_documents: 1 });
  });

  it("remembers no kind under provider_options of any length: it computes again", async () => {
    const provider = scriptedProvider(scoreAll, pointwise, { takesProviderOptions: true });
    const dheera = dheeraWith(provider);
    const request = { model, query: "q", documents: ["a"] };
    for (const [length, calls] of [
      [100, 1],
      [5_000, 3],
    ] as const) {
      const asked = { ...request, provider_options: { scripted: { note: "x".repeat(length) } } };
      await dheera.rerank(asked);
      await dheera.rerank(asked);
      expect(provider.calls).toHaveLength(calls);
    }
  });

  it("keeps a listwise model's scores for exactly the same list only", async () => {
    const provider = scriptedProvider(scoreAll, { ...pointwise, scoring: "listwise" });
    const dheera = dheeraWith(provider);
    await dheera.rerank({ model, query: "q", documents: ["a", "b"] });
    await dheera.rerank({ model, query: "q", documents: ["a", "b"] });
    expect(provider.calls).toHaveLength(1);
    await dheera.rerank({ model, query: "q", documents: ["b", "a"] });
    expect(provider.calls[1]?.documents).toEqual(["b", "a"]);
  });
});

describe("in flight", () => {
  it("shares one call among requests that need the same pairs at once", async () => {
    const admission = deferred<void>();
    const provider = scriptedProvider(async (call) => {
      await admission.promise;
      return scoreAll(call);
    });
    const dheera = dheeraWith(provider);
    const requests = [
      ["a", "b"],
      ["b", "c"],
      ["a", "b", "c"],
    ].map((documents) => dheera.rerank({ model, query: "q", documents }));
    await settle();
    admission.resolve();
    const responses = await Promise.all(requests);
    expect(provider.sent().toSorted()).toEqual(["a", "b", "c"]);
    for (const [position, documents] of [
      ["a", "b"],
      ["b", "c"],
      ["a", "b", "c"],
    ].entries())
      for (const { index, relevance_score } of responses[position]?.results ?? [])
        expect(relevance_score).toBe(scoreOf("q", documents[index] ?? ""));
  });

  it("goes on for the others when the one who began goes away", async () => {
    const admission = deferred<void>();
    const provider = scriptedProvider(async (call) => {
      await admission.promise;
      return scoreAll(call);
    });
    const dheera = dheeraWith(provider);
    const leaving = new AbortController();
    const first = dheera.rerank({ model, query: "q", documents: ["a"] }, { signal: leaving.signal });
    await settle();
    const second = dheera.rerank({ model, query: "q", documents: ["a"] });
    await settle();
    leaving.abort();
    await expect(first).rejects.toMatchObject({ code: "cancelled" });
    expect(provider.calls[0]?.signal.aborted).toBe(false);
    admission.resolve();
    expect((await second).results).toHaveLength(1);
    expect(provider.calls).toHaveLength(1);
  });

  it("stops the call when every request that waited for it has ended", async () => {
    const provider = scriptedProvider(() => deferred<never>().promise);
    const dheera = dheeraWith(provider);
    const leaving = new AbortController();
    const requests = [1, 2].map(() =>
      dheera.rerank({ model, query: "q", documents: ["a"] }, { signal: leaving.signal }),
    );
    await settle();
    leaving.abort();
    expect((await Promise.allSettled(requests)).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(provider.calls).toHaveLength(1);
    expect(provider.calls[0]?.signal.aborted).toBe(true);
  });

  it("does not remember a failure", async () => {
    let fails = true;
    const provider = scriptedProvider((call) => {
      if (fails) throw new DheeraError("provider_rejected", "refused");
      return scoreAll(call);
    });
    const dheera = dheeraWith(provider);
    const request = { model, query: "q", documents: ["a"] };
    await expect(dheera.rerank(request)).rejects.toMatchObject({ code: "provider_rejected" });
    fails = false;
    expect((await dheera.rerank(request)).results).toHaveLength(1);
  });

  it("fails a request only when too many of all its documents are refused, known ones included", async () => {
    const provider = scriptedProvider((call) => {
      if (call.documents.some((document) => document.startsWith("bad")))
        throw new DheeraError("provider_rejected", "refused");
      return scoreAll(call);
    });
    const dheera = dheeraWith(provider);
    const request = { model, query: "q", documents: ["a", "bad"], on_document_error: "warn" } as const;
    const first = await dheera.rerank(request);
    const again = await dheera.rerank(request);
    expect(again.results).toEqual(first.results);
    expect(again.meta).toMatchObject({ cached_documents: 1, warnings: first.meta.warnings });
    const bad = Array.from({ length: 20 }, (_, number) => `bad ${number}`);
    const many = { ...request, documents: [...bad, ...numbered(0, 80)] };
    await dheera.rerank(many);
    expect((await dheera.rerank(many)).results).toHaveLength(100);
    for (const documents of [["bad"], ["bad", "bad"]])
      await expect(dheera.rerank({ ...request, documents })).rejects.toMatchObject({ code: "provider_rejected" });
  });

  it("is not shared with deployments of another model name, whose keys may be refused", async () => {
    const admission = deferred<void>();
    const provider = scriptedProvider(async (call, name) => {
      await admission.promise;
      if (name === "bad-key") throw new DheeraError("provider_auth", "refused");
      return scoreAll(call);
    });
    const dheera = dheeraWith(provider);
    const unlucky = dheera.rerank({ model: "scripted/bad-key", query: "q", documents: ["a"] });
    await settle();
    const other = dheera.rerank({ model: "scripted/good-key", query: "q", documents: ["a"] });
    await settle();
    admission.resolve();
    await expect(unlucky).rejects.toMatchObject({ code: "provider_auth" });
    expect((await other).results).toHaveLength(1);
  });

  it("is not given up by a request that has more time than the one that began it", async () => {
    let calls = 0;
    const provider = scriptedProvider((call) => {
      if (++calls === 1) throw new DheeraError("provider_overloaded", "busy", { retryAfter: 1 });
      return scoreAll(call);
    });
    vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const dheera = dheeraWith(provider);
    const hasty = dheera.rerank({ model, query: "q", documents: ["a"], timeout: 0.5 });
    const patient = dheera.rerank({ model, query: "q", documents: ["a"], timeout: 60 });
    await expect(hasty).rejects.toMatchObject({ code: "provider_overloaded" });
    await vi.advanceTimersByTimeAsync(10_000);
    expect((await patient).results).toHaveLength(1);
  });

  it("is remembered although the one who began went away", async () => {
    const admission = deferred<void>();
    const provider = scriptedProvider(async (call) => {
      await admission.promise;
      return scoreAll(call);
    });
    const dheera = dheeraWith(provider);
    const leaving = new AbortController();
    const first = dheera.rerank({ model, query: "q", documents: ["a"] }, { signal: leaving.signal });
    await settle();
    const second = dheera.rerank({ model, query: "q", documents: ["a"] });
    await settle();
    leaving.abort();
    await expect(first).rejects.toMatchObject({ code: "cancelled" });
    admission.resolve();
    await second;
    await dheera.rerank({ model, query: "q", documents: ["a"] });
    expect(provider.calls).toHaveLength(1);
  });

  it("is not failed by a bad document of another request that shares its pairs", async () => {
    const admission = deferred<void>();
    const provider = scriptedProvider(async (call) => {
      await admission.promise;
      if (call.documents.includes("bad")) throw new DheeraError("provider_rejected", "refused");
      return scoreAll(call);
    });
    const dheera = dheeraWith(provider);
    const unlucky = dheera.rerank({ model, query: "q", documents: ["a", "bad"] });
    await settle();
    const innocent = dheera.rerank({ model, query: "q", documents: ["a"] });
    await settle();
    admission.resolve();
    await expect(unlucky).rejects.toMatchObject({ code: "provider_rejected", param: "documents[1]" });
    expect((await innocent).results[0]?.relevance_score).toBe(scoreOf("q", "a"));
  });

  it("leaves what another request was refused to each request itself, also while a third looks up the cache", async () => {
    const admission = deferred<void>();
    const lookup = deferred<void>();
    const cache = mapCache();
    const slowForOther: ScoreCache = {
      lookUp: async (scope, documents) => {
        if (scope.query === "other") await lookup.promise;
        return cache.lookUp(scope, documents);
      },
    };
    const provider = scriptedProvider(async (call) => {
      await admission.promise;
      if (call.documents.includes("bad")) throw new DheeraError("provider_rejected", "refused");
      return scoreAll(call);
    });
    const dheera = createDheera({ providers: [provider], cache: slowForOther });
    const requests = [1, 2].map(() =>
      dheera.rerank({ model, query: "q", documents: ["a", "bad"], on_document_error: "warn" }),
    );
    await settle();
    const third = dheera.rerank({ model, query: "other", documents: ["a"] });
    await settle();
    admission.resolve();
    for (const { results, meta } of await Promise.all(requests)) {
      expect(results.map(({ index }) => index)).toEqual([0, 1]);
      expect(meta.warnings).toEqual([expect.stringContaining("documents[1] is ranked last")]);
    }
    lookup.resolve();
    await third;
  });
});
