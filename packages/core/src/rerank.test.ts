import { describe, expect, it } from "vitest";

import type { Profile } from "./contract.ts";
import { createDheera } from "./dheera.ts";
import { DheeraError, type ErrorCode } from "./errors.ts";
import {
  type ScriptedProvider,
  deferred,
  pointwise,
  scoreAll,
  scoreOf,
  scriptedProvider,
  settle,
} from "./fixtures/scripted-provider.ts";
import { newReport } from "./dispatch/context.ts";
import type { DheeraEvent } from "./observer.ts";
import type { ModelEntry, RouterSettings } from "./routing/settings.ts";

const documents = Array.from({ length: 100 }, (_, position) => `document ${position}`);
const request = { model: "m", query: "q", documents };

function entry(model: string, params: Partial<ModelEntry["dheera_ai_params"]> = {}, model_name = "m"): ModelEntry {
  return { model_name, dheera_ai_params: { model: `scripted/${model}`, ...params } };
}

function dheeraOf(
  provider: ScriptedProvider,
  model_list: readonly ModelEntry[],
  router_settings: RouterSettings = {},
  events: DheeraEvent[] = [],
) {
  return createDheera({
    providers: [provider],
    model_list,
    router_settings,
    observer: { event: (event) => events.push(event) },
  });
}

/** Fails with these codes in turn, then scores. */
function failing(...codes: ErrorCode[]): ScriptedProvider {
  return scriptedProvider((call) => {
    const code = codes.shift();
    if (code) throw new DheeraError(code, "scripted");
    return scoreAll(call);
  });
}

const oracle = [...documents.keys()].toSorted(
  (a, b) => scoreOf("q", documents[b] ?? "") - scoreOf("q", documents[a] ?? "") || a - b,
);

describe("planning and calling", () => {
  it("ranks as one call would, in as many calls as the limits ask for", async () => {
    const provider = scriptedProvider(scoreAll, { ...pointwise, limits: { documentsPerCall: 32 } });
    const report = newReport();
    const { results } = await dheeraOf(provider, [entry("a")]).rerank(request, { report });
    expect(results.map(({ index }) => index)).toEqual(oracle);
    expect(provider.calls.map((call) => call.documents.length)).toEqual([25, 25, 25, 25]);
    expect(report).toMatchObject({ batches: 4, retries: 0, modelName: "m" });
  });

  it("spreads one request over all deployments with the same fingerprint", async () => {
    const provider = scriptedProvider();
    await dheeraOf(provider, [entry("a"), entry("b"), entry("c")]).rerank(request);
    expect(provider.calls.map(({ model }) => model).toSorted()).toEqual(["a", "b", "c"]);
  });

  it("never mixes scores of two fingerprints in one ranking", async () => {
    const provider = scriptedProvider(scoreAll, (model) => ({
      ...pointwise,
      fingerprint: model,
      limits: { documentsPerCall: 10 },
    }));
    const dheera = dheeraOf(provider, [entry("a"), entry("b")]);
    for (let round = 0; round < 5; round++) {
      const before = provider.calls.length;
      await dheera.rerank(request);
      expect(new Set(provider.calls.slice(before).map(({ model }) => model)).size).toBe(1);
    }
  });

  it("refuses what is too much for a listwise model before anything is sent", async () => {
    const provider = scriptedProvider(scoreAll, {
      ...pointwise,
      scoring: "listwise",
      limits: { documentsPerCall: 50 },
    });
    await expect(dheeraOf(provider, [entry("a")]).rerank(request)).rejects.toMatchObject({
      code: "invalid_request",
      param: "documents",
    });
    expect(provider.calls).toHaveLength(0);
  });

  it("splits what is billed per search only when forced, says so, and counts each search", async () => {
    const billed: Profile = { ...pointwise, billing: "per-search" };
    const whole = scriptedProvider(scoreAll, billed);
    await dheeraOf(whole, [entry("a"), entry("b")]).rerank(request);
    expect(whole.calls).toHaveLength(1);
    const forced = await dheeraOf(scriptedProvider(scoreAll, { ...billed, limits: { documentsPerCall: 40 } }), [
      entry("a"),
    ]).rerank(request);
    expect(forced.meta.billed_units.search_units).toBe(3);
    expect(forced.meta.warnings).toEqual([expect.stringContaining("3 calls")]);
  });

  it("learns a limit from a refusal and does not run into it again", async () => {
    const provider = scriptedProvider((call) => {
      if (call.documents.length > 32)
        throw new DheeraError("provider_rejected", "too many", { learned: { documentsPerCall: 32 } });
      return scoreAll(call);
    });
    const dheera = dheeraOf(provider, [entry("a")]);
    expect((await dheera.rerank(request)).results.map(({ index }) => index)).toEqual(oracle);
    const before = provider.calls.length;
    await dheera.rerank(request);
    expect(provider.calls.slice(before).every((call) => call.documents.length <= 32)).toBe(true);
  });

  it("counts repetitions of a document as computed once", async () => {
    const { meta } = await dheeraOf(scriptedProvider(scoreAll, { ...pointwise, billing: "per-search" }), [
      entry("a"),
    ]).rerank({ ...request, documents: Array.from({ length: 300 }, () => "same") });
    expect(meta.billed_units.search_units).toBe(1);
  });

  it("counts tokens as the upstream does, and not at all where it does not", async () => {
    const counting = scriptedProvider(
      (call) => ({ ...scoreAll(call), usage: { inputTokens: call.documents.length * 3 } }),
      {
        ...pointwise,
        limits: { documentsPerCall: 60 },
      },
    );
    const response = await dheeraOf(counting, [entry("a")]).rerank(request);
    expect(response.usage).toEqual({ prompt_tokens: 300, completion_tokens: 0, total_tokens: 300 });
    expect(response.meta.tokens).toEqual({ input_tokens: 300, output_tokens: 0 });
    expect(await dheeraOf(scriptedProvider(), [entry("a")]).rerank(request)).not.toHaveProperty("usage");
  });
});

describe("failure", () => {
  it("tries another deployment first, at once, and keeps the other batches", async () => {
    const provider = scriptedProvider((call, model) => {
      if (model === "dead") throw new DheeraError("provider_unreachable", "refused");
      return scoreAll(call);
    });
    const report = newReport();
    const { results } = await dheeraOf(provider, [entry("dead"), entry("alive")], { retry_after: 60 }).rerank(request, {
      report,
    });
    expect(results.map(({ index }) => index)).toEqual(oracle);
    expect(report.retries).toBeLessThanOrEqual(1);
  });

  it("tells all attempts of a call by one object, which no other call has", async () => {
    let fails = 2;
    const provider = scriptedProvider((call) => {
      if (fails-- > 0) throw new DheeraError("provider_failed", "not now");
      return scoreAll(call);
    });
    const dheera = dheeraOf(provider, [entry("a")], { num_retries: 2, retry_after: 0 });
    for (const document of ["a", "b"]) await dheera.rerank({ model: "m", query: "q", documents: [document] });
    const [first, ...others] = provider.calls.map(({ sameCall }) => sameCall);
    expect(first).toBeTypeOf("object");
    expect(others.map((other) => other === first)).toEqual([true, true, false]);
  });

  it("tries the same deployment again where there is no other, num_retries times", async () => {
    expect(
      (await dheeraOf(failing("provider_failed", "provider_failed"), [entry("a")]).rerank(request)).results,
    ).toHaveLength(100);
    const thrice = failing("provider_failed", "provider_failed", "provider_failed");
    await expect(dheeraOf(thrice, [entry("a")]).rerank(request)).rejects.toMatchObject({ code: "provider_failed" });
  });

  it("does not wait for a retry that would come after the deadline", async () => {
    const provider = scriptedProvider(() => {
      throw new DheeraError("provider_rate_limited", "slow down", { retryAfter: 3_600 });
    });
    await expect(dheeraOf(provider, [entry("a")]).rerank({ ...request, timeout: 60 })).rejects.toMatchObject({
      code: "provider_rate_limited",
      retryAfter: 3_600,
    });
  });

  it("does not retry what no retry can cure", async () => {
    const provider = failing("invalid_request");
    await expect(
      dheeraOf(provider, [entry("a"), entry("b")]).rerank({ ...request, documents: ["a"] }),
    ).rejects.toMatchObject({
      code: "invalid_request",
    });
    expect(provider.calls).toHaveLength(1);
  });

  it("falls back to another model name and says which one served", async () => {
    const provider = scriptedProvider(
      (call, model) => {
        if (model === "a") throw new DheeraError("provider_failed", "broken");
        return scoreAll(call);
      },
      (model) => ({ ...pointwise, fingerprint: model }),
    );
    const events: DheeraEvent[] = [];
    const report = newReport();
    const dheera = dheeraOf(
      provider,
      [entry("a"), entry("b", {}, "other")],
      { num_retries: 0, fallbacks: [{ m: ["other"] }] },
      events,
    );
    expect((await dheera.rerank(request, { report })).model).toBe("other");
    expect(report).toMatchObject({ fallbacks: 1, modelName: "other" });
    expect(events).toContainEqual(
      expect.objectContaining({ type: "fallback", from: "m", to: "other", code: "provider_failed" }),
    );
  });

  it("uses a higher order only when no lower one is healthy", async () => {
    let broken = false;
    const provider = scriptedProvider((call, model) => {
      if (broken && model === "first") throw new DheeraError("provider_unreachable", "gone");
      return scoreAll(call);
    });
    const dheera = dheeraOf(provider, [entry("first", { order: 1 }), entry("second", { order: 2 })]);
    for (let round = 0; round < 5; round++) await dheera.rerank(request);
    expect(provider.calls.every(({ model }) => model === "first")).toBe(true);
    broken = true;
    expect((await dheera.rerank(request)).results).toHaveLength(100);
  });

  it("leaves a deployment alone after repeated failures, and shows it", async () => {
    const provider = scriptedProvider((call, model) => {
      if (model === "dead") throw new DheeraError("provider_unreachable", "gone");
      return scoreAll(call);
    });
    const events: DheeraEvent[] = [];
    const dheera = dheeraOf(
      provider,
      [entry("dead"), entry("alive")],
      { allowed_fails: 1, cooldown_time: 3_600 },
      events,
    );
    for (let round = 0; round < 30; round++) await dheera.rerank({ ...request, documents: ["one"] });
    expect(provider.calls.filter(({ model }) => model === "dead")).toHaveLength(2);
    expect(events).toContainEqual(expect.objectContaining({ type: "cooldown", seconds: 3_600 }));
    expect(dheera.deployments().map(({ model, state }) => [model, state])).toEqual([
      ["dead", "cooling"],
      ["alive", "healthy"],
    ]);
  });

  it("probes with one call after a cooldown, however many batches there are", async () => {
    let broken = true;
    const provider = scriptedProvider(
      (call, model) => {
        if (broken && model === "sick") throw new DheeraError("provider_unreachable", "gone");
        return scoreAll(call);
      },
      { ...pointwise, limits: { documentsPerCall: 10 } },
    );
    const dheera = dheeraOf(provider, [entry("sick"), entry("well")], { allowed_fails: 0, cooldown_time: 0.001 });
    await dheera.rerank(request);
    await settle();
    const before = provider.calls.length;
    await dheera.rerank(request);
    expect(provider.calls.slice(before).filter(({ model }) => model === "sick").length).toBeLessThanOrEqual(1);
    broken = false;
    await settle();
    expect((await dheera.rerank(request)).results).toHaveLength(100);
  });

  it("answers although all deployments are cooling down at once", async () => {
    let broken = true;
    const provider = scriptedProvider((call) => {
      if (broken) throw new DheeraError("provider_auth", "refused");
      return scoreAll(call);
    });
    const dheera = dheeraOf(provider, [entry("a"), entry("b")], { cooldown_time: 3_600, num_retries: 0 });
    await expect(dheera.rerank(request)).rejects.toMatchObject({ code: "provider_auth" });
    broken = false;
    expect((await dheera.rerank(request)).results).toHaveLength(100);
  });

  it("does not wait again and again for a replica that gives no profile", async () => {
    const provider = scriptedProvider();
    const connect = provider.connect;
    const hanging = {
      ...provider,
      connect: (target: Parameters<typeof connect>[0]) =>
        target.model === "mute" ? { ...connect(target), profile: () => deferred<Profile>().promise } : connect(target),
    };
    const dheera = dheeraOf(hanging, [entry("mute", { timeout: 0.05 }), entry("talks")]);
    for (let round = 0; round < 8; round++) expect((await dheera.rerank(request)).results).toHaveLength(100);
    expect(dheera.deployments()[0]).toMatchObject({ lastError: "timeout" });
  });

  it("sends nothing to a replica that takes less than was planned, when its profile comes after the plan", async () => {
    const late = deferred<Profile>();
    const provider = scriptedProvider(
      async (call, model) => {
        if (model === "narrow" || provider.calls.length > 1) return scoreAll(call);
        late.resolve({ ...pointwise, limits: { documentsPerCall: 10 } });
        await settle();
        throw new DheeraError("provider_failed", "scripted");
      },
      { ...pointwise, limits: { documentsPerCall: 50 } },
    );
    const connect = provider.connect;
    const dheera = dheeraOf(
      {
        ...provider,
        connect: (target) =>
          target.model === "narrow" ? { ...connect(target), profile: () => late.promise } : connect(target),
      },
      [entry("narrow"), entry("wide")],
    );
    const leaving = new AbortController();
    const first = dheera.rerank(request, { signal: leaving.signal });
    leaving.abort();
    await expect(first).rejects.toMatchObject({ code: "cancelled" });
    const { results } = await dheera.rerank(request);
    expect(results.map(({ index }) => index)).toEqual(oracle);
    expect(provider.calls.filter(({ model, documents: sent }) => model === "narrow" && sent.length > 10)).toEqual([]);
    // A deployment whose profile is known by the time of the next plan takes part in it.
    await dheera.rerank({ ...request, query: "r" });
    expect(provider.calls.some(({ model }) => model === "narrow")).toBe(true);
  });

  it("keeps to the calls a minute of each deployment, also for many batches and many requests at once", async () => {
    const provider = scriptedProvider(scoreAll, { ...pointwise, limits: { documentsPerCall: 10 } });
    const dheera = dheeraOf(provider, [entry("a", { rpm: 3 })]);
    await expect(dheera.rerank(request)).rejects.toMatchObject({
      code: "rate_limited",
      retryAfter: expect.any(Number),
    });
    await Promise.allSettled([1, 2, 3].map(() => dheera.rerank(request)));
    expect(provider.calls).toHaveLength(3);
  });

  it("keeps to the calls a minute of each deployment also where requests waited for their turn", async () => {
    const admission = deferred<void>();
    const provider = scriptedProvider(async (call) => {
      await admission.promise;
      return scoreAll(call);
    });
    const dheera = dheeraOf(provider, [entry("a", { rpm: 2, max_parallel_requests: 1 })]);
    const outcomes = Promise.allSettled([1, 2, 3, 4].map(() => dheera.rerank(request)));
    await settle();
    admission.resolve();
    expect((await outcomes).map(({ status }) => status).toSorted()).toEqual([
      "fulfilled",
      "fulfilled",
      "rejected",
      "rejected",
    ]);
    expect(provider.calls).toHaveLength(2);
  });

  it("still asks the only deployment while it cools down, because no other could serve", async () => {
    const dheera = dheeraOf(failing("provider_auth"), [entry("a")], { cooldown_time: 3_600, num_retries: 0 });
    await expect(dheera.rerank(request)).rejects.toMatchObject({ code: "provider_auth" });
    expect((await dheera.rerank(request)).results).toHaveLength(100);
  });

  it("stops the other batches when one fails for good", async () => {
    const provider = scriptedProvider(
      (call) => {
        if (call.documents.includes("document 0")) throw new DheeraError("invalid_request", "broken");
        return deferred<never>().promise;
      },
      { ...pointwise, limits: { documentsPerCall: 10 } },
    );
    const dheera = dheeraOf(provider, [entry("a", { max_documents_in_flight: 50 })]);
    await expect(dheera.rerank(request)).rejects.toMatchObject({ code: "invalid_request" });
    expect(provider.calls.every(({ signal }) => signal.aborted)).toBe(true);
    expect(dheera.deployments()[0]).toMatchObject({ documentsInFlight: 0, documentsQueued: 0 });
  });

  it("answers in time when a provider ignores its signal", async () => {
    const dheera = dheeraOf(
      scriptedProvider(() => deferred<never>().promise),
      [entry("a")],
    );
    await expect(dheera.rerank({ ...request, timeout: 0.01 })).rejects.toMatchObject({ code: "timeout" });
    expect(dheera.deployments()[0]).toMatchObject({ documentsInFlight: 0 });
  });

  it("takes a deployment that is slower than its own timeout for failed, and tries another", async () => {
    const provider = scriptedProvider((call, model) => (model === "slow" ? deferred<never>().promise : scoreAll(call)));
    const dheera = dheeraOf(provider, [entry("slow", { timeout: 0.01, order: 0 }), entry("fast", { order: 1 })]);
    expect((await dheera.rerank(request)).results).toHaveLength(100);
  });

  it("ends with cancelled when the caller goes away", async () => {
    const provider = scriptedProvider(() => deferred<never>().promise);
    const dheera = dheeraOf(provider, [entry("a")]);
    const leaving = new AbortController();
    const waiting = dheera.rerank(request, { signal: leaving.signal });
    await settle();
    leaving.abort();
    await expect(waiting).rejects.toMatchObject({ code: "cancelled", status: 499 });
    expect(provider.calls[0]?.signal.aborted).toBe(true);
  });

  it("takes the signal in the request as well, as the library's users write it", async () => {
    const dheera = dheeraOf(
      scriptedProvider(() => deferred<never>().promise),
      [entry("a")],
    );
    await expect(dheera.rerank({ ...request, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "cancelled",
    });
  });

  it("passes through only where configured, and never silently", async () => {
    const report = newReport();
    const dheera = dheeraOf(
      failing(...Array.from({ length: 9 }, () => "provider_failed" as const)),
      [entry("a", { on_error: "passthrough" })],
      { num_retries: 0 },
    );
    const response = await dheera.rerank({ ...request, top_n: 2 }, { report });
    expect(response.results.map(({ index }) => index)).toEqual([0, 1]);
    expect(response.meta).toMatchObject({
      reranked: false,
      billed_units: { search_units: 0 },
      warnings: [expect.stringContaining("not reranked")],
    });
    expect(report.passthrough).toBe("provider_failed");
  });
});

describe("a document that the model refuses", () => {
  const refusing = (...bad: string[]) =>
    scriptedProvider(
      (call) => {
        if (call.documents.some((document) => bad.includes(document)))
          throw new DheeraError("provider_rejected", "too long");
        return scoreAll(call);
      },
      { ...pointwise, limits: { documentsPerCall: 32 } },
    );

  it("is named by its index", async () => {
    await expect(dheeraOf(refusing("document 77"), [entry("a")]).rerank(request)).rejects.toMatchObject({
      code: "provider_rejected",
      param: "documents[77]",
    });
  });

  it("is ranked last with a warning when asked for, and the rest is scored", async () => {
    const { results, meta } = await dheeraOf(refusing("document 77", "document 3"), [entry("a")]).rerank({
      ...request,
      on_document_error: "warn",
    });
    expect(results.map(({ index }) => index)).toEqual([
      ...oracle.filter((index) => index !== 77 && index !== 3),
      3,
      77,
    ]);
    expect(results.every((result) => Number.isFinite(result.relevance_score))).toBe(true);
    expect(meta.warnings).toHaveLength(2);
  });

  it.each([
    ["probability", [0.4, 0.2], 0],
    ["cosine", [0.4, -0.2], -1],
    ["logit", [-3, -7.5], -8.5],
    ["logit", [3, 7.5], 0],
    ["unknown", [0.4, 0.2], 0],
  ] as const)("gets a score of its own below all others: %s %j", async (scoreKind, scores, expected) => {
    const provider = scriptedProvider(
      (call) => {
        if (call.documents.includes("bad")) throw new DheeraError("provider_rejected", "bad document");
        return { scores: call.documents.map((document, index) => ({ index, score: Number(document) })) };
      },
      { ...pointwise, scoreKind },
    );
    const { results, meta } = await dheeraOf(provider, [entry("a")]).rerank({
      model: "m",
      query: "q",
      documents: ["bad", ...scores.map(String)],
      on_document_error: "warn",
    });
    expect(results.at(-1)).toEqual({ index: 0, relevance_score: expected });
    expect(results.filter(({ relevance_score }) => relevance_score === expected)).toHaveLength(1);
    expect(meta.warnings).toEqual([
      expect.stringMatching(/^documents\[0\] is ranked last, with a score that no model gave/),
    ]);
  });

  it("fails the request when every document is refused", async () => {
    await expect(
      dheeraOf(refusing(...documents), [entry("a")]).rerank({ ...request, on_document_error: "warn" }),
    ).rejects.toMatchObject({
      code: "provider_rejected",
    });
  });
});

describe("a server that is starting", () => {
  it("is passed over while a fallback can serve, and started meanwhile", async () => {
    const provider = scriptedProvider(
      (call, model) => {
        if (model === "cold") throw new DheeraError("provider_starting", "loading", { retryAfter: 3_600 });
        return scoreAll(call);
      },
      (model) => ({ ...pointwise, fingerprint: model }),
    );
    const dheera = dheeraOf(provider, [entry("cold"), entry("warm", {}, "other")], { fallbacks: [{ m: ["other"] }] });
    expect((await dheera.rerank(request)).model).toBe("other");
    expect(dheera.deployments()[0]).toMatchObject({ state: "starting" });
    await dheera.rerank(request);
    expect(provider.calls.filter(({ model }) => model === "cold")).toHaveLength(1);
  });

  it("is started once for all requests that wait, and then serves them", async () => {
    const awake = deferred<void>();
    let wakes = 0;
    let isCold = true;
    const provider = scriptedProvider((call) => {
      if (isCold) throw new DheeraError("provider_starting", "scaled to zero");
      return scoreAll(call);
    });
    const connect = provider.connect;
    const sleepy = {
      ...provider,
      connect: (target: Parameters<typeof connect>[0]) => ({
        ...connect(target),
        wake: () => {
          wakes++;
          return awake.promise;
        },
      }),
    };
    const dheera = dheeraOf(sleepy, [entry("a")]);
    const waiting = [1, 2, 3].map(() => dheera.rerank(request));
    await settle();
    isCold = false;
    awake.resolve();
    expect((await Promise.all(waiting)).map(({ results }) => results.length)).toEqual([100, 100, 100]);
    expect(wakes).toBe(1);
  });
});

describe("a server that starts slowly", () => {
  it("may fail in other ways before it serves, and is not asked without a pause", async () => {
    const answers: ErrorCode[] = ["provider_starting", "provider_failed", "provider_starting"];
    const provider = failing(...answers);
    expect((await dheeraOf(provider, [entry("a")]).rerank(request)).results).toHaveLength(100);
    // One that failed, the questions of the warmUp, and the request itself.
    expect(provider.calls.length).toBeLessThanOrEqual(answers.length + 2);
  });
});

describe("a fault of core itself", () => {
  it("is called internal and keeps its cause for the log", async () => {
    const dheera = createDheera({
      providers: [scriptedProvider()],
      cache: {
        lookUp: () => {
          throw new TypeError("a cache that breaks its word");
        },
      },
    });
    await expect(dheera.rerank({ ...request, model: "scripted/m" })).rejects.toMatchObject({
      code: "internal",
      status: 500,
      cause: expect.any(TypeError),
    });
  });
});

describe("a programming error of a provider", () => {
  it.each(["profile", "score"] as const)(
    "in %s is an event with its cause, also when a fallback serves",
    async (step) => {
      const bug = new TypeError("x is not a function");
      const provider = scriptedProvider((call, model) => {
        if (model === "broken" && step === "score") throw bug;
        return scoreAll(call);
      });
      const events: DheeraEvent[] = [];
      const dheera = createDheera({
        providers: [
          {
            name: "scripted",
            connect: (target) => ({
              ...provider.connect(target),
              ...(step === "profile" &&
                target.model === "broken" && {
                  profile: () => {
                    throw bug;
                  },
                }),
            }),
          },
        ],
        model_list: [entry("broken"), entry("good", {}, "other")],
        router_settings: { fallbacks: [{ m: ["other"] }], num_retries: 0 },
        observer: { event: (event) => events.push(event) },
      });
      expect((await dheera.rerank(request)).model).toBe("other");
      expect(events).toContainEqual(expect.objectContaining({ type: "defect", cause: bug }));
    },
  );
});

describe("hedging", () => {
  it("sends a straggling batch to another replica, takes the first answer and cancels the other", async () => {
    let straggles = false;
    const provider = scriptedProvider((call, model) =>
      straggles && model === "a" ? deferred<never>().promise : scoreAll(call),
    );
    const dheera = dheeraOf(provider, [entry("a", { hedge: true, order: 0 }), entry("b", { order: 0, weight: 1e-9 })], {
      routing_strategy: "simple-shuffle",
    });
    for (let round = 0; round < 60; round++) await dheera.rerank({ ...request, documents: ["x"], query: `q${round}` });
    straggles = true;
    const before = provider.calls.length;
    expect((await dheera.rerank({ ...request, documents: ["x"] })).results).toHaveLength(1);
    const calls = provider.calls.slice(before);
    expect(calls.map(({ model }) => model)).toEqual(["a", "b"]);
    expect(calls[0]?.signal.aborted).toBe(true);
    await settle();
    expect(dheera.deployments().map(({ documentsInFlight }) => documentsInFlight)).toEqual([0, 0]);
  });
});

describe("scores", () => {
  it.each([
    ["logit", "sigmoid", "probability", 0.5],
    ["logit", "none", "logit", 0],
    ["probability", "sigmoid", "probability", 0],
    ["cosine", "sigmoid", "cosine", 0],
  ] as const)("of the kind %s with normalize %s are of the kind %s", async (scoreKind, normalize, expected, score) => {
    const provider = scriptedProvider((call) => ({ scores: call.documents.map((_, index) => ({ index, score: 0 })) }), {
      ...pointwise,
      scoreKind,
    });
    const { results, meta } = await dheeraOf(provider, [entry("a")]).rerank({
      ...request,
      documents: ["x"],
      normalize,
    });
    expect(results[0]?.relevance_score).toBe(score);
    expect(meta.score_kind).toBe(expected);
  });

  it("below min_score are left out only when asked for", async () => {
    const median = scoreOf("q", documents[oracle[49] ?? 0] ?? "");
    const { results } = await dheeraOf(scriptedProvider(), [entry("a")]).rerank({ ...request, min_score: median });
    expect(results).toHaveLength(50);
    expect(results.every((result) => result.relevance_score >= median)).toBe(true);
  });

  it("of a long document are those of its best chunk", async () => {
    const provider = scriptedProvider(
      (call) => ({
        scores: call.documents.map((document, index) => ({ index, score: document.includes("needle") ? 1 : 0 })),
      }),
      { ...pointwise, limits: { tokensPerDocument: 100 } },
    );
    // No two words alike: equal chunks are scored once.
    const hay = (from: string): string => Array.from({ length: 90 }, (_, word) => `${from}${word}`).join(" ");
    const long = `${hay("hay")} needle ${hay("straw")}`;
    const dheera = dheeraOf(provider, [entry("a")]);
    const { results, meta } = await dheera.rerank({
      ...request,
      documents: ["short hay", long],
      long_documents: "chunk_max",
    });
    expect(results[0]).toMatchObject({ index: 1, relevance_score: 1 });
    expect(provider.sent().length).toBeGreaterThan(4);
    expect(meta.warnings).toBeUndefined();
    const capped = await dheera.rerank({
      ...request,
      documents: ["short hay", long],
      long_documents: "chunk_max",
      max_chunks_per_doc: 1,
    });
    expect(capped.meta.warnings).toEqual([expect.stringContaining("documents 1")]);
  });
});

describe("chunks of long documents", () => {
  const long = Array.from({ length: 2_000 }, (_, word) => `word${word}`).join(" ");
  const chunked = {
    ...request,
    documents: ["short", long],
    long_documents: "chunk_max",
    max_chunks_per_doc: 50,
  } as const;
  const short = (): ScriptedProvider =>
    scriptedProvider(scoreAll, { ...pointwise, limits: { tokensPerDocument: 100 } });

  it("count as documents of the request", async () => {
    const provider = short();
    const dheera = createDheera({ providers: [provider], model_list: [entry("a")], limits: { maxDocuments: 20 } });
    await expect(dheera.rerank(chunked)).rejects.toMatchObject({
      code: "invalid_request",
      param: "documents",
      message: expect.stringMatching(/^documents: they make \d\d chunks, more than the 20 texts allowed/),
    });
    expect(provider.calls).toEqual([]);
    expect((await dheera.rerank({ ...chunked, max_chunks_per_doc: 19 })).results).toHaveLength(2);
  });

  it("are reported before any is scored, and may be refused; whole documents are not", async () => {
    const provider = short();
    const dheera = dheeraOf(provider, [entry("a")]);
    const reported: number[] = [];
    const refusal = new DheeraError("rate_limited", "no more");
    const beforeChunks = (chunks: number): void => {
      reported.push(chunks);
      if (chunks > 20) throw refusal;
    };
    await expect(dheera.rerank(chunked, { beforeChunks })).rejects.toBe(refusal);
    expect(reported).toEqual([51]);
    expect(provider.calls).toEqual([]);
    await dheera.rerank({ ...chunked, max_chunks_per_doc: 10 }, { beforeChunks });
    await dheera.rerank(request, { beforeChunks });
    expect(reported).toEqual([51, 11]);
  });

  it("are no more than allowed, whatever is asked for, and the answer says so", async () => {
    const limits = { maxChunksPerDocument: 5 };
    const dheera = createDheera({ providers: [short()], model_list: [entry("a")], limits });
    expect((await dheera.rerank(chunked)).meta.warnings).toEqual([
      "max_chunks_per_doc: 5 are the most that the operator allows",
      expect.stringContaining("only the first 5 chunks"),
    ]);
    const { meta } = await dheera.rerank({ ...chunked, max_chunks_per_doc: undefined });
    expect(meta.warnings).toEqual([expect.stringContaining("only the first 5 chunks")]);
  });
});

describe("model names", () => {
  it("may have aliases", async () => {
    const dheera = dheeraOf(scriptedProvider(), [entry("a")], {
      model_group_alias: { alias: "m", direct: "scripted/other" },
    });
    expect((await dheera.rerank({ ...request, model: "direct" })).results).toHaveLength(100);
    expect((await dheera.rerank({ ...request, model: "alias" })).model).toBe("m");
    expect(dheera.models()).toEqual(["m", "alias", "direct"]);
  });

  it("that are not known are refused with those that are", async () => {
    await expect(
      dheeraOf(scriptedProvider(), [entry("a")]).rerank({ ...request, model: "nope" }),
    ).rejects.toMatchObject({
      code: "model_not_found",
      message: expect.stringContaining("configured are: m"),
    });
  });

  it("of a server that the request names show no key", async () => {
    const provider = scriptedProvider();
    const dheera = createDheera({ providers: [provider], defaultProvider: "scripted" });
    const response = await dheera.rerank({
      ...request,
      model: "their-model",
      api_base: "http://127.0.0.1:1",
      api_key: "secret-key",
    });
    expect(JSON.stringify(response)).not.toContain("secret-key");
    expect(response.model).toBe("their-model");
  });
});
