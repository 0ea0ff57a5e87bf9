import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { connect, failureOf, never, score } from "../testing/connect.ts";
import { type Reply, serve } from "../testing/serve.ts";
import { type TeiSetting, teiAnswers } from "../testing/tei.ts";

// Only the clock that says how old a profile is; the network keeps its real timers.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const minute = 60_001;
const documents = ["Washington is the capital", "Bread needs flour"];
const infos = (asked: readonly string[]): number => asked.filter((request) => request === "GET /info").length;

/** Text Embeddings Inference whose setting a test may change while it runs. */
function changingTei(setting: TeiSetting): { setting: TeiSetting; answer: ReturnType<typeof teiAnswers> } {
  const state = {
    setting,
    answer: (request: Parameters<ReturnType<typeof teiAnswers>>[0]): Reply => teiAnswers(state.setting)(request),
  };
  return state;
}

describe("a server at an api_base", () => {
  test("is detected once for any number of calls at the same time", async () => {
    await using server = await serve(teiAnswers());
    const scorer = connect({ apiBase: server.url });
    await Promise.all(Array.from({ length: 20 }, () => score(scorer, documents)));
    expect(infos(server.asked)).toBe(1);
  });

  test("has a profile without waiting once it was detected", async () => {
    await using server = await serve(teiAnswers());
    const scorer = connect({ apiBase: server.url });
    const profile = await scorer.profile(never);
    expect(scorer.profile(never)).toBe(profile);
  });

  test("is detected again after a while, in the background, so that a new revision gets a new fingerprint", async () => {
    const tei = changingTei({});
    const asked = Promise.withResolvers<void>();
    await using server = await serve((request) => {
      if (infos(server.asked) === 2) asked.resolve();
      return tei.answer(request);
    });
    const scorer = connect({ apiBase: server.url });
    const before = await scorer.profile(never);

    tei.setting = { info: { model_sha: "0000000000000000000000000000000000000000" } };
    vi.advanceTimersByTime(minute);
    expect(scorer.profile(never)).toBe(before);
    await asked.promise;

    await expect.poll(() => scorer.profile(never)).not.toBe(before);
    expect((await scorer.profile(never)).fingerprint).not.toBe(before.fingerprint);
    expect(infos(server.asked)).toBe(2);
  });

  test("keeps its profile while the detection fails", async () => {
    const down = Promise.withResolvers<void>();
    await using server = await serve((request) => {
      if (infos(server.asked) < 2 || request.path !== "/info") return teiAnswers()(request);
      down.resolve();
      return { status: 500, body: "" };
    });
    const scorer = connect({ apiBase: server.url });
    const before = await scorer.profile(never);
    vi.advanceTimersByTime(minute);
    await scorer.profile(never);
    await down.promise;
    expect(scorer.profile(never)).toBe(before);
    expect(await score(scorer, documents)).toMatchObject({ scores: expect.any(Array) });
  });

  test("is no longer detected in the background after it was closed", async () => {
    const arrived = Promise.withResolvers<void>();
    const hungUp = Promise.withResolvers<void>();
    await using server = await serve(async (request) => {
      if (infos(server.asked) < 2) return teiAnswers()(request);
      arrived.resolve();
      await request.hungUp;
      hungUp.resolve();
      return { body: "" };
    });
    const scorer = connect({ apiBase: server.url });
    await scorer.profile(never);
    vi.advanceTimersByTime(minute);
    await scorer.profile(never);
    await arrived.promise;
    await scorer.close?.();
    await hungUp.promise;
    expect(infos(server.asked)).toBe(2);
  });

  test("has the same fingerprint as its replicas, and another one for each thing that changes scores", async () => {
    const fingerprintOf = async (setting: TeiSetting): Promise<string> => {
      await using server = await serve(teiAnswers(setting));
      return (await connect({ apiBase: server.url }).profile(never)).fingerprint;
    };
    const usual = await fingerprintOf({});
    expect(await fingerprintOf({ version: "1.8.2", maxBatch: 64, info: { max_concurrent_requests: 8 } })).toBe(usual);
    const others = [
      { info: { model_id: "BAAI/bge-reranker-large" } },
      { info: { model_sha: "other" } },
      { info: { model_dtype: "float32" } },
      { maxTokens: 256 },
      { type: "embedding" },
    ] as const;
    const prints = await Promise.all(others.map(fingerprintOf));
    expect(new Set([usual, ...prints]).size).toBe(6);
  });

  test("whose model has no revision is told apart by the configured name", async () => {
    await using server = await serve(teiAnswers({ info: { model_id: "/repository", model_sha: null } }));
    const profiles = await Promise.all(
      ["acme/one", "acme/two"].map((model) => connect({ apiBase: server.url, model }).profile(never)),
    );
    expect(new Set(profiles.map(({ fingerprint }) => fingerprint)).size).toBe(2);
  });

  test("that was replaced by another kind of server is detected again after its first refusal", async () => {
    let replaced = false;
    await using server = await serve((request) => {
      if (!replaced) return teiAnswers()(request);
      if (request.path === "/v1/models") return { body: { data: [{ id: "m", owned_by: "vllm" }] } };
      if (request.path === "/v1/rerank")
        return { body: { results: documents.map((_, index) => ({ index, relevance_score: 0.5 })) } };
      return { status: 404, body: { detail: "Not Found" } };
    });
    const scorer = connect({ apiBase: server.url });
    await score(scorer, documents);
    replaced = true;
    vi.advanceTimersByTime(2_000);
    // Not for good: the next attempt finds out what runs there now.
    expect(await failureOf(score(scorer, documents))).toMatchObject({ code: "provider_failed", permanent: false });
    expect(await score(scorer, documents)).toMatchObject({ scores: [{ index: 0 }, { index: 1 }] });
    expect((await scorer.profile(never)).server).toBe("vLLM");
  });

  test.each([
    { what: "has nothing at api_base", answers: () => ({ status: 404, body: "" }) },
    {
      what: "takes no texts to score",
      answers: (request: Parameters<ReturnType<typeof teiAnswers>>[0]) =>
        request.path === "/rerank" ? { status: 404, body: "" } : teiAnswers()(request),
    },
  ])("that $what refuses for good, each time", async ({ answers }) => {
    await using server = await serve(answers);
    const scorer = connect({ apiBase: server.url });
    for (let attempt = 0; attempt < 2; attempt++) {
      vi.advanceTimersByTime(2_000);
      expect(await failureOf(score(scorer, documents))).toMatchObject({ code: "provider_failed", permanent: true });
    }
  });

  test("whose limits turn out lower is detected again", async () => {
    const tei = changingTei({ maxBatch: 32 });
    await using server = await serve((request) => tei.answer(request));
    const scorer = connect({ apiBase: server.url });
    await score(scorer, documents);
    tei.setting = { maxBatch: 1 };
    await failureOf(score(scorer, documents));
    await expect.poll(async () => (await scorer.profile(never)).limits.documentsPerCall).toBe(1);
  });

  test("continues to be detected when the first caller gives up", async () => {
    const controller = new AbortController();
    const arrived = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    await using server = await serve(async (request) => {
      arrived.resolve();
      if (request.path === "/info") await release.promise;
      return teiAnswers()(request);
    });
    const scorer = connect({ apiBase: server.url });
    const first = score(scorer, documents, { signal: controller.signal });
    const second = score(scorer, documents);
    await arrived.promise;
    controller.abort(new Error("gone"));
    await expect(first).rejects.toThrow("gone");
    release.resolve();
    expect((await second).scores).toHaveLength(2);
    expect(infos(server.asked)).toBe(1);
  });

  test("that was detected by trying is not tried again when it is refreshed", async () => {
    await using server = await serve(({ method, path }) =>
      method === "POST" && path === "/rerank"
        ? { body: { results: [{ index: 0, relevance_score: 0.5 }] } }
        : { status: 404, body: "" },
    );
    const scorer = connect({ apiBase: server.url });
    await score(scorer, ["one"]);
    vi.advanceTimersByTime(minute);
    await scorer.profile(never);
    await expect.poll(() => server.asked.filter((request) => request === "GET /models")).toHaveLength(2);
    await score(scorer, ["one"]);
    expect(server.asked.filter((request) => request === "POST /rerank")).toHaveLength(3);
  });
});
