import { afterEach, describe, expect, it, vi } from "vitest";

import type { Profile, ScoreCall, Scorer, ScoreResult, Target } from "./contract.ts";
import { testTarget } from "./contract-suite.ts";
import { createDheera, type Dheera } from "./dheera.ts";
import { DheeraError } from "./errors.ts";
import { mapCache } from "./fixtures/map-cache.ts";
import { pointwise, scoreAll, scriptedProvider } from "./fixtures/scripted-provider.ts";
import type { DheeraEvent } from "./observer.ts";
import type { RerankResponse } from "./request/api.ts";
import type { ModelEntry } from "./routing/settings.ts";

const documents = ["delta", "alpha", "charlie", "bravo"];
const request = { model: "m", query: "q", documents };

/** A model list of `faulty` deployments with a fallback to a sound one of another fingerprint. */
const withFallback: readonly ModelEntry[] = [entry("m", "faulty"), entry("spare", "sound")];

function entry(model_name: string, model: string, more: Partial<ModelEntry["dheera_ai_params"]> = {}): ModelEntry {
  return { model_name, dheera_ai_params: { model: `scripted/${model}`, ...more } };
}

/** A provider whose model `faulty` behaves as the test says; every other model is sound. */
function dheeraOf(
  faulty: Partial<Scorer>,
  model_list: readonly ModelEntry[] = [entry("m", "faulty")],
  { events = [], cached = false }: { events?: DheeraEvent[]; cached?: boolean } = {},
): Dheera {
  const sound = scriptedProvider(scoreAll, (model) => ({ ...pointwise, fingerprint: model }));
  return createDheera({
    providers: [
      {
        name: "scripted",
        connect: (target) => ({ ...sound.connect(target), ...(target.model === "faulty" && faulty) }),
      },
    ],
    model_list,
    router_settings: { num_retries: 0, fallbacks: [{ m: ["spare"] }] },
    observer: { event: (event) => events.push(event) },
    ...(cached && { cache: mapCache() }),
  });
}

const fakeScorer: Scorer = { profile: () => pointwise, score: async () => ({ scores: [] }) };

function rankedTexts(results: RerankResponse["results"]): readonly (string | undefined)[] {
  return results.map(({ index }) => documents[index]);
}

/** What careless JavaScript does to something that its types call read-only. */
function writable<T>(value: readonly T[]): T[] {
  return value as T[];
}

describe("a provider that changes what it was given", () => {
  const byLength = ({ documents: texts }: ScoreCall): ScoreResult => ({
    scores: texts.map((text, index) => ({ index, score: text.length })),
  });

  it("gets a target that nobody can change, in a program and in its own tests", () => {
    const targets: Target[] = [testTarget({ model: "faulty" })];
    createDheera({
      providers: [{ ...scriptedProvider(scoreAll), connect: (target) => (targets.push(target), fakeScorer) }],
      model_list: [entry("m", "faulty", { api_base: "http://one.example" })],
    });
    expect(targets).toHaveLength(2);
    for (const target of targets) {
      expect(() => Object.assign(target, { apiBase: "http://other.example" })).toThrow(TypeError);
      expect(() => Object.assign(target.options, { extra: 1 })).toThrow(TypeError);
      expect(() => Object.assign(target.http, { json: () => ({}) })).toThrow(TypeError);
    }
  });

  it("is called faulty by its name when it sorts the documents, and gives no ranking", async () => {
    const events: DheeraEvent[] = [];
    const dheera = dheeraOf(
      { score: async (call) => (writable(call.documents).sort(), byLength(call)) },
      [entry("m", "faulty")],
      { events },
    );
    await expect(dheera.rerank(request)).rejects.toMatchObject({
      code: "provider_failed",
      provider: "scripted",
      defect: true,
      message: expect.stringMatching(/scripted.*changed the list of documents/),
    });
    expect(events).toContainEqual(expect.objectContaining({ type: "defect" }));
  });

  it.each([
    ["in a whole batch", 4, {}],
    ["in one batch of several", 2, { limits: { documentsPerCall: 2 } }],
  ])("harms no retry when it shortens the documents and throws, %s", async (_, count, profile: Partial<Profile>) => {
    const seen: (readonly string[])[] = [];
    let calls = 0;
    const provider = scriptedProvider(
      (call) => {
        seen.push([...call.documents]);
        if (calls++ > 0) return byLength(call);
        const texts = writable(call.documents);
        texts.forEach((text, index) => (texts[index] = text.slice(0, 1)));
        throw new DheeraError("provider_failed", "scripted");
      },
      { ...pointwise, scoreKind: "unknown", ...profile },
    );
    const dheera = createDheera({ providers: [provider], model_list: [entry("m", "a"), entry("m", "b")] });
    const { results } = await dheera.rerank(request);
    expect(rankedTexts(results)).toEqual(["charlie", "delta", "alpha", "bravo"]);
    expect(seen.every((texts) => texts.length === count && texts.every((text) => documents.includes(text)))).toBe(true);
  });

  it("harms no hedge and no other attempt when it replaces fields of the call", async () => {
    const seen: unknown[] = [];
    let calls = 0;
    const provider = scriptedProvider((call) => {
      seen.push([call.query, call.documents.length]);
      Object.assign(call, { query: "another", documents: ["only one"], signal: AbortSignal.abort() });
      if (calls++ === 0) throw new DheeraError("provider_failed", "scripted");
      return scoreAll({ ...call, documents });
    });
    const plain = {
      ...provider,
      connect: (target: Parameters<typeof provider.connect>[0]) => {
        const scorer = provider.connect(target);
        const answer = scorer.score.bind(scorer);
        return { ...scorer, score: (call: ScoreCall) => answer(call) };
      },
    };
    const dheera = createDheera({ providers: [plain], model_list: [entry("m", "a"), entry("m", "b")] });
    expect((await dheera.rerank(request)).results).toHaveLength(4);
    expect(seen).toEqual([
      ["q", 4],
      ["q", 4],
    ]);
  });

  it.each<[string, (call: ScoreCall) => unknown]>([
    ["params", (call) => Object.assign(call.params, { truncate: false })],
    ["provider options", (call) => Object.assign(call.providerOptions, { depth: 9 })],
    [
      "provider options deep inside",
      (call) => writable((call.providerOptions["inner"] as { list: readonly number[] }).list).push(9),
    ],
  ])("cannot change the %s, which others share", async (_, change) => {
    const options = { inner: { list: [1] } };
    const dheera = dheeraOf(
      {
        score: async (call) => {
          change(call);
          return scoreAll(call);
        },
      },
      [entry("m", "faulty", { provider_options: { configured: {} } })],
    );
    await expect(
      dheera.rerank({ ...request, truncate: true, provider_options: { scripted: options } }),
    ).rejects.toMatchObject({ code: "provider_failed", provider: "scripted", defect: true });
    expect(options).toEqual({ inner: { list: [1] } });
    // What belongs to the caller stays his own.
    options.inner.list.push(2);
  });

  it("cannot change options of the configuration that deployments share", () => {
    const shared = { list: [1] };
    const provider = scriptedProvider();
    expect(() =>
      createDheera({
        providers: [
          {
            ...provider,
            connect: (target) => {
              writable((target.options["shared"] as { list: readonly number[] }).list).push(2);
              return provider.connect(target);
            },
          },
        ],
        model_list: [entry("m", "a", { shared }), entry("m", "b", { shared })],
      }),
    ).toThrow(expect.objectContaining({ name: "DheeraError", provider: "scripted", defect: true }));
    expect(shared).toEqual({ list: [1] });
    shared.list.push(2);
  });

  it("cannot replace the HTTP client that all share", async () => {
    const provider = scriptedProvider();
    const dheera = (): Dheera =>
      createDheera({
        providers: [
          {
            ...provider,
            connect: (target) => {
              Object.assign(target.http, { json: () => Promise.resolve({}) });
              return provider.connect(target);
            },
          },
        ],
        model_list: [entry("m", "a")],
      });
    expect(dheera).toThrow(expect.objectContaining({ provider: "scripted", defect: true }));
  });
});

describe("a provider whose profile is of no use", () => {
  it.each<[string, Scorer["profile"]]>([
    [
      "throws",
      () => {
        throw new TypeError("oops");
      },
    ],
    ["rejects", () => Promise.reject(new TypeError("oops"))],
    ["is nothing", () => undefined as unknown as Profile],
    ["is empty", () => ({}) as Profile],
    ["has an unknown score kind", () => ({ ...pointwise, scoreKind: "nonsense" }) as unknown as Profile],
    ["has an unknown scoring", () => ({ ...pointwise, scoring: "setwise" }) as unknown as Profile],
    ["has an unknown billing", () => ({ ...pointwise, billing: "free" }) as unknown as Profile],
    ["has no fingerprint", () => ({ ...pointwise, fingerprint: undefined }) as unknown as Profile],
    ["has an empty fingerprint", () => ({ ...pointwise, fingerprint: "" })],
    ["has no limits", () => ({ ...pointwise, limits: undefined }) as unknown as Profile],
    ["has a limit of nothing", () => ({ ...pointwise, limits: { documentsPerCall: 0 } })],
    ["has a limit of null", () => ({ ...pointwise, limits: { bytesPerCall: null } }) as unknown as Profile],
    ["has a limit of tokens that is no whole number", () => ({ ...pointwise, limits: { tokensPerCall: 1.5 } })],
    ["has a price that is a number", () => ({ ...pointwise, price: 0.002 }) as unknown as Profile],
    ["has a price below zero", () => ({ ...pointwise, price: { perToken: -1 } })],
    ["has a price that is a text", () => ({ ...pointwise, price: { perSearchUnit: "0.002" } }) as unknown as Profile],
    ["has a price of NaN", () => ({ ...pointwise, price: { perOutputToken: Number.NaN } })],
    ["has a text for warnings", () => ({ ...pointwise, warnings: "oops" }) as unknown as Profile],
    ["has a text for pads", () => ({ ...pointwise, pads: "yes" }) as unknown as Profile],
    ["has a number for its server", () => Promise.resolve({ ...pointwise, server: 3 } as unknown as Profile)],
  ])("is named, and another model serves, when it %s", async (_, profile) => {
    for (const cached of [false, true]) {
      const events: DheeraEvent[] = [];
      const answer = await dheeraOf({ profile }, withFallback, { cached, events }).rerank(request);
      expect(answer.model).toBe("spare");
      expect(events).toContainEqual(expect.objectContaining({ type: "fallback" }));
      await expect(dheeraOf({ profile }, [entry("m", "faulty")], { cached }).rerank(request)).rejects.toMatchObject({
        code: expect.stringMatching(/^provider_/),
        provider: "scripted",
        message: expect.stringContaining("scripted"),
      });
    }
  });

  it("says which field is at fault", async () => {
    const profile = (): Profile => ({ ...pointwise, fingerprint: undefined }) as unknown as Profile;
    await expect(dheeraOf({ profile }, undefined, { cached: true }).rerank(request)).rejects.toThrow(
      "the provider scripted has a fault: fingerprint of its profile is nothing, where a text belongs",
    );
  });

  it("is taken from any kind of promise", async () => {
    class Thenable {
      // oxlint-disable-next-line unicorn/no-thenable -- promises of other libraries are no `Promise`
      then(resolve: (profile: Profile) => void): void {
        resolve(pointwise);
      }
    }
    const profile = (): Profile => new Thenable() as unknown as Profile;
    expect((await dheeraOf({ profile }).rerank(request)).model).toBe("m");
  });

  describe("after a while", () => {
    afterEach(() => vi.useRealTimers());

    it.each([undefined, 600])("is given up after five seconds, with a timeout of %s", async (timeout) => {
      vi.useFakeTimers();
      const profile = (): Promise<Profile> => new Promise(() => {});
      const dheera = dheeraOf({ profile }, [
        entry("m", "faulty", timeout === undefined ? {} : { timeout }),
        entry("spare", "sound"),
      ]);
      const answer = dheera.rerank({ ...request, timeout: 30 });
      await vi.advanceTimersByTimeAsync(5_000);
      expect((await answer).model).toBe("spare");
    });
  });
});

describe("a result that is not what the contract says", () => {
  const scores = documents.map((_, index) => ({ index, score: index / 10 }));

  it.each<[string, unknown, string]>([
    ["nothing at all", undefined, "its result is nothing"],
    ["a text", "oops", "its result is a text"],
    ["a list of scores", scores, "its result is a list"],
    ["no scores", {}, "scores of its result is nothing"],
    ["scores that are a text", { scores: "oops!" }, "scores of its result is a text"],
    ["scores of null", { scores: [null, null, null, null] }, "scores[0] of its result is null"],
    ["a score that is a text", { scores: [{ index: 0, score: "1" }, ...scores.slice(1)] }, "not a finite number"],
    ["an index that is a text", { scores: [{ index: "0", score: 1 }, ...scores.slice(1)] }, "outside 0 to 3"],
    ["tokens that are a text", { scores, usage: { inputTokens: "many" } }, "usage.inputTokens of its result is a text"],
    ["tokens below zero", { scores, usage: { outputTokens: -1 } }, "usage.outputTokens of its result is -1"],
    [
      "more tokens than can be counted",
      { scores, usage: { inputTokens: 1e300 } },
      "usage.inputTokens of its result is 1e+300",
    ],
    ["a cost of NaN", { scores, usage: { cost: Number.NaN } }, "usage.cost of its result is NaN"],
    ["a usage that is a number", { scores, usage: 5 }, "usage of its result is 5"],
    [
      "details that are a text",
      { scores: [{ index: 0, score: 1, details: "spans" }, ...scores.slice(1)] },
      "scores[0].details of its result is a text",
    ],
    [
      "details that are a list",
      { scores: [{ index: 0, score: 1, details: [] }, ...scores.slice(1)] },
      "scores[0].details of its result is a list",
    ],
    ["warnings that are a text", { scores, warnings: "oops" }, "warnings of its result is a text"],
    ["a warning that is no text", { scores, warnings: ["a", 2] }, "warnings[1] of its result is 2"],
    ["an unknown score kind", { scores, scoreKind: "nonsense" }, "scoreKind of its result is a text"],
    ["a wish to be kept that is a text", { scores, keep: "no" }, "keep of its result is a text"],
    ["a truncated document that does not exist", { scores, truncated: [4] }, "truncated[0] of its result is 4"],
    ["a truncated document that is a text", { scores, truncated: "all" }, "truncated of its result is a text"],
  ])("is refused in the provider's name: %s", async (_, result, message) => {
    const score = async (): Promise<ScoreResult> => result as ScoreResult;
    const failure = dheeraOf({ score }).rerank(request);
    await expect(failure).rejects.toMatchObject({
      code: "provider_bad_response",
      provider: "scripted",
      message: expect.stringContaining(message),
    });
    await expect(failure).rejects.toThrow("scripted");
    expect((await dheeraOf({ score }, withFallback).rerank(request)).model).toBe("spare");
  });

  it("may come without a promise", async () => {
    const score = (): Promise<ScoreResult> => ({ scores }) as unknown as Promise<ScoreResult>;
    expect((await dheeraOf({ score }).rerank(request)).results[0]?.index).toBe(3);
  });

  it("is copied: what the provider does with its usage afterwards is its own business", async () => {
    const usage = { inputTokens: 7 };
    const score = async (): Promise<ScoreResult> => {
      queueMicrotask(() =>
        queueMicrotask(() => queueMicrotask(() => queueMicrotask(() => (usage.inputTokens = 1_000)))),
      );
      return { scores, usage };
    };
    const dheera = dheeraOf({ score });
    expect((await dheera.rerank(request)).usage?.prompt_tokens).toBe(7);
  });

  it.each([
    [17, "unknown"],
    [-0.5, "unknown"],
    [1.004, "probability"],
    [1, "probability"],
  ])("calls a probability of %d a score of the kind %s", async (score, kind) => {
    const most = [...scores.filter(({ index }) => index !== 1), { index: 1, score }];
    const { results, meta } = await dheeraOf({ score: async () => ({ scores: most }) }).rerank(request);
    expect(results.find(({ index }) => index === 1)?.relevance_score).toBe(score);
    expect(meta.score_kind).toBe(kind);
    expect(meta.warnings ?? []).toEqual(
      kind === "unknown" ? [expect.stringMatching(/scripted calls its scores probabilities.*outside of 0 to 1/)] : [],
    );
  });

  it("has an unknown kind where its calls give scores of several kinds", async () => {
    let calls = 0;
    const dheera = dheeraOf({
      profile: () => ({ ...pointwise, limits: { documentsPerCall: 2 } }),
      score: async (call) => ({ ...scoreAll(call), scoreKind: calls++ === 0 ? "logit" : "cosine" }),
    });
    expect((await dheera.rerank(request)).meta.score_kind).toBe("unknown");
  });
});

describe("a provider that blocks the event loop", () => {
  afterEach(() => vi.useRealTimers());

  it.each(["score", "profile", "wake"] as const)("is named, with how long it blocked in %s", async (step) => {
    vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] });
    const events: DheeraEvent[] = [];
    const block = (): void => void vi.advanceTimersByTime(8_000);
    let starts = step === "wake" ? 1 : 0;
    const dheera = dheeraOf(
      {
        profile: () => {
          if (step === "profile") block();
          return pointwise;
        },
        score: async (call) => {
          if (starts-- > 0) throw new DheeraError("provider_starting", "scripted", { retryAfter: 1 });
          if (step === "score") block();
          return scoreAll(call);
        },
        wake: async () => {
          if (step === "wake") block();
        },
      },
      [entry("m", "faulty", { timeout: 5_000 })],
      { events },
    );
    for (let requests = 0; requests < 3; requests++) await dheera.rerank(request);
    const blocked = events.filter(({ type }) => type === "blocked");
    expect(blocked[0]).toEqual({
      type: "blocked",
      deployment: expect.stringMatching(/^m-/),
      provider: "scripted",
      during: step,
      milliseconds: 8_000,
    });
    // Three requests within a minute are told once.
    expect(blocked).toHaveLength(1);
    if (step === "wake") return;
    vi.advanceTimersByTime(60_000);
    await dheera.rerank(request);
    expect(events.filter(({ type }) => type === "blocked")).toHaveLength(2);
  });

  it("is not named for what takes a moment", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    const events: DheeraEvent[] = [];
    const score = async (call: ScoreCall): Promise<ScoreResult> => (vi.advanceTimersByTime(999), scoreAll(call));
    await dheeraOf({ score }, undefined, { events }).rerank(request);
    expect(events).toEqual([]);
  });
});

describe("a provider that connects to nothing", () => {
  it.each<[string, () => unknown]>([
    ["nothing", () => undefined],
    ["no score", () => ({ profile: () => pointwise })],
    ["a promise", () => Promise.resolve({ profile: () => pointwise, score: scoreAll })],
  ])("is named: connect gives %s", (_, connect) => {
    const provider = { name: "scripted", connect: connect as () => Scorer };
    expect(() => createDheera({ providers: [provider], model_list: [entry("m", "a")] })).toThrow(
      expect.objectContaining({
        name: "DheeraError",
        provider: "scripted",
        message: expect.stringContaining("connect of the provider scripted gave no scorer"),
      }),
    );
  });

  it("is named: connect throws something unforeseen", () => {
    const cause = new RangeError("oops");
    const connect = (): Scorer => {
      throw cause;
    };
    const provider = { name: "scripted", connect };
    expect(() => createDheera({ providers: [provider], model_list: [entry("m", "a")] })).toThrow(
      expect.objectContaining({ name: "DheeraError", provider: "scripted", cause, defect: true }),
    );
  });
});
