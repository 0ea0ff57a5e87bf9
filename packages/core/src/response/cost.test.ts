import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { Price, Profile, ScoreCall, ScoreResult, Usage } from "../contract.ts";
import { type Dheera, createDheera } from "../dheera.ts";
import { newReport } from "../dispatch/context.ts";
import { DheeraError } from "../errors.ts";
import { mapCache } from "../fixtures/map-cache.ts";
import { pointwise, scoreAll, scriptedProvider } from "../fixtures/scripted-provider.ts";
import type { ModelEntry } from "../routing/settings.ts";
import { HttpError } from "../upstream/http-error.ts";

const perSearch: Profile = { ...pointwise, billing: "per-search", price: { perSearchUnit: 0.002 } };
const perToken: Profile = { ...pointwise, billing: "per-token", price: { perToken: 5e-8 } };
const request = { model: "m", query: "q", documents: ["one", "two", "three"] };

interface Setup {
  readonly profile?: Profile | ((model: string) => Profile);
  readonly answer?: (call: ScoreCall, model: string) => ScoreResult | Promise<ScoreResult>;
  readonly model_list?: readonly ModelEntry[];
  readonly cached?: boolean;
}

function dheeraOf({ profile = perSearch, answer = scoreAll, model_list = [entry("m")], cached }: Setup = {}): Dheera {
  return createDheera({
    providers: [scriptedProvider(answer, profile)],
    model_list,
    router_settings: { num_retries: 0, fallbacks: [{ m: ["spare"] }] },
    ...(cached && { cache: mapCache() }),
  });
}

function entry(model_name: string, more: Partial<ModelEntry> = {}): ModelEntry {
  return { model_name, dheera_ai_params: { model: `scripted/${model_name}` }, ...more };
}

/** Scores with what the upstream says that it billed. */
function answering(usage: (documents: number) => Usage | undefined) {
  return (call: ScoreCall): ScoreResult => ({ ...scoreAll(call), usage: usage(call.documents.length) });
}

const manyDocuments = fc.array(fc.nat(60), { minLength: 1, maxLength: 60 }).map((ids) => ids.map((id) => `d${id}`));

describe("the cost of a request", () => {
  it("is the upstream's own figure where it names one, whatever the price", async () => {
    const answer = answering(() => ({ searchUnits: 9, inputTokens: 9, cost: 0.25 }));
    expect((await dheeraOf({ answer }).rerank(request)).usage).toMatchObject({ cost: 0.25 });
    expect((await dheeraOf({ answer, profile: pointwise }).rerank(request)).usage).toMatchObject({ cost: 0.25 });
  });

  it("is the units that the upstream billed times their price", async () => {
    const answer = answering(() => ({ searchUnits: 3 }));
    expect((await dheeraOf({ answer }).rerank(request)).usage?.cost).toBe(0.006);
    const counted = answering(() => ({ inputTokens: 1_000_000, outputTokens: 10 }));
    expect((await dheeraOf({ answer: counted, profile: perToken }).rerank(request)).usage?.cost).toBe(0.05);
    const both = { ...perToken, price: { perToken: 1e-6, perOutputToken: 0.1 } };
    expect((await dheeraOf({ answer: counted, profile: both }).rerank(request)).usage?.cost).toBe(2);
  });

  it("follows the rule where searches are paid for and no units are named: one for each call and 100 documents begun", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 700 }), fc.integer({ min: 1, max: 300 }), async (count, most) => {
        const sizes: number[] = [];
        const profile = { ...perSearch, limits: { documentsPerCall: most } };
        const answer = (call: ScoreCall): ScoreResult => (sizes.push(call.documents.length), scoreAll(call));
        const documents = Array.from({ length: count }, (_, index) => `document ${index}`);
        const { usage, meta } = await dheeraOf({ profile, answer }).rerank({ ...request, documents });
        const units = sizes.reduce((total, size) => total + Math.ceil(size / 100), 0);
        expect(meta.billed_units.search_units).toBe(units);
        expect(usage?.cost).toBeCloseTo(units * 0.002, 12);
      }),
      { numRuns: 40 },
    );
  });

  it("is unknown, and not 0, without a price, without the figures it multiplies, and at a server of one's own", async () => {
    const unpriced: Profile = { ...perSearch, price: undefined };
    expect((await dheeraOf({ profile: unpriced }).rerank(request)).usage).toBeUndefined();
    expect((await dheeraOf({ profile: { ...perSearch, price: {} } }).rerank(request)).usage).toBeUndefined();
    expect((await dheeraOf({ profile: perToken }).rerank(request)).usage).toBeUndefined();
    expect((await dheeraOf({ profile: pointwise }).rerank(request)).usage).toBeUndefined();
    const answer = answering(() => ({ inputTokens: 7 }));
    expect((await dheeraOf({ profile: pointwise, answer }).rerank(request)).usage).not.toHaveProperty("cost");
  });

  it("is 0 where the price is", async () => {
    expect((await dheeraOf({ profile: { ...perToken, price: { perToken: 0 } } }).rerank(request)).usage?.cost).toBe(0);
  });

  it("is the sum over its calls, and unknown as soon as one of them is", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom<Usage | undefined>({ inputTokens: 100 }, { cost: 0.5 }, {}, undefined), {
          minLength: 1,
          maxLength: 8,
        }),
        async (calls) => {
          let next = 0;
          const profile = { ...perToken, limits: { documentsPerCall: 1 } };
          const documents = calls.map((_, index) => `document ${index}`);
          const answer = answering(() => calls[next++]);
          const { usage } = await dheeraOf({ profile, answer }).rerank({ ...request, documents });
          const costs = calls.map((call) => call?.cost ?? (call?.inputTokens ? 5e-6 : undefined));
          if (costs.includes(undefined)) expect(usage ?? {}).not.toHaveProperty("cost");
          else
            expect(usage?.cost).toBeCloseTo(
              costs.reduce<number>((sum, cost) => sum + (cost ?? 0), 0),
              12,
            );
        },
      ),
    );
  });
});

describe("the price of the configuration", () => {
  const priced = (model_info: ModelEntry["model_info"]): readonly ModelEntry[] => [entry("m", { model_info })];

  it("wins over the provider's, as a number or as a text", async () => {
    for (const input_cost_per_query of [0.5, "0.5", " 5e-1 "]) {
      const dheera = dheeraOf({ model_list: priced({ input_cost_per_query }) });
      expect((await dheera.rerank(request)).usage?.cost).toBe(0.5);
    }
    const answer = answering(() => ({ searchUnits: 3, inputTokens: 2_000, outputTokens: 1_000 }));
    const model_list = priced({ input_cost_per_token: "1e-6", output_cost_per_token: "2e-6" });
    expect((await dheeraOf({ answer, model_list }).rerank(request)).usage?.cost).toBe(0.004);
  });

  it("gives a server of one's own a price for each search", async () => {
    const model_list = priced({ input_cost_per_query: 0.001 });
    expect((await dheeraOf({ profile: pointwise, model_list }).rerank(request)).usage?.cost).toBe(0.001);
  });

  it.each(["input_cost_per_query", "input_cost_per_token", "output_cost_per_token"])(
    "is refused by name where %s is no amount",
    (name) => {
      for (const value of ["", "free", -1, "-0.1", Number.NaN, Infinity, "Infinity", true, [0.1], {}])
        expect(() => dheeraOf({ model_list: priced({ [name]: value }) })).toThrow(
          expect.objectContaining({ code: "invalid_request", param: `model_info.${name}` }),
        );
      expect(() => dheeraOf({ model_list: priced({ [name]: null }) })).not.toThrow();
    },
  );
});

describe("attempts that failed", () => {
  const model_list = [entry("m"), entry("spare")];
  const price = (model: string): Price => ({ perSearchUnit: model === "m" ? 0.01 : 0.002 });
  const profile = (model: string): Profile => ({ ...perSearch, fingerprint: model, price: price(model) });
  const failing = (failure: () => Error): Dheera =>
    dheeraOf({
      model_list,
      profile,
      answer: (call, model) => {
        if (model === "m") throw failure();
        return scoreAll(call);
      },
    });

  it.each<[string, () => Error]>([
    ["was refused", () => new HttpError({ status: 429, headers: new Headers(), body: "" })],
    ["failed with a status", () => new HttpError({ status: 500, headers: new Headers(), body: "" })],
    ["has no key", () => new DheeraError("provider_auth", "no key")],
    ["could not be connected", () => Object.assign(new Error("no"), { code: "ECONNREFUSED" })],
  ])("cost nothing where the first %s: the cost is of the deployment that served", async (_, failure) => {
    const answer = await failing(failure).rerank(request);
    expect(answer).toMatchObject({ model: "spare", usage: { cost: 0.002 } });
  });

  it.each<[string, () => Error]>([
    ["ran into its timeout", () => new DheeraError("timeout", "too slow")],
    ["gave an answer that could not be read", () => new DheeraError("provider_bad_response", "no JSON")],
    ["lost its connection", () => Object.assign(new Error("no"), { code: "ECONNRESET" })],
    ["has a programming error", () => new TypeError("oops")],
  ])("make the cost unknown where the first %s, because it may be billed", async (_, failure) => {
    const answer = await failing(failure).rerank(request);
    expect(answer.model).toBe("spare");
    expect(answer.usage).toBeUndefined();
  });

  it("count what they scored before they failed", async () => {
    let calls = 0;
    const dheera = dheeraOf({
      model_list,
      profile: (model) => ({ ...profile(model), limits: { documentsPerCall: 1 } }),
      answer: (call, model) => {
        if (model === "m" && ++calls === 3) throw new DheeraError("provider_auth", "no credit");
        return scoreAll(call);
      },
    });
    expect((await dheera.rerank(request)).usage?.cost).toBe(0.026);
  });

  it("are told in the report also where the request failed", async () => {
    const report = newReport();
    let calls = 0;
    const dheera = dheeraOf({
      profile: { ...perSearch, limits: { documentsPerCall: 1 } },
      answer: (call) => {
        if (++calls === 2) throw new DheeraError("provider_auth", "no credit");
        return scoreAll(call);
      },
    });
    await expect(dheera.rerank(request, { report })).rejects.toThrow("no credit");
    expect(report.cost).toBeGreaterThan(0);
  });
});

describe("documents whose scores are known", () => {
  it("cost nothing, and all of them together 0", async () => {
    const dheera = dheeraOf({ cached: true });
    expect((await dheera.rerank(request)).usage).toEqual({ cost: 0.002 });
    expect((await dheera.rerank(request)).usage).toMatchObject({ cost: 0, saved_cost: 0.002 });
  });

  it("say nothing of a cost at a server of one's own", async () => {
    const dheera = dheeraOf({ profile: pointwise, cached: true });
    await dheera.rerank(request);
    const { usage } = await dheera.rerank(request);
    expect(usage).toEqual({ prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 });
  });

  it("save what all documents would have cost less what was paid, where searches are paid for", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(manyDocuments, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 30 }),
        async (requests, most) => {
          const profile = { ...perSearch, limits: { documentsPerCall: most } };
          const dheera = dheeraOf({ profile, cached: true });
          for (const documents of requests) {
            const { usage } = await dheera.rerank({ ...request, documents });
            // Up to 30 documents a call are one unit each call.
            const whole = Math.ceil(documents.length / most) * 0.002;
            expect((usage?.cost ?? Number.NaN) + (usage?.saved_cost ?? 0)).toBeCloseTo(whole, 12);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it("save tokens at the rate that the upstream counted", async () => {
    const answer = answering((documents) => ({ inputTokens: documents * 1_000 }));
    const dheera = dheeraOf({ profile: perToken, answer, cached: true });
    const { usage } = await dheera.rerank({ ...request, documents: ["same", "same", "same", "same"] });
    expect(usage?.cost).toBeCloseTo(5e-5, 12);
    expect(usage?.saved_cost).toBeCloseTo(15e-5, 12);
    const known = await dheera.rerank({ ...request, documents: ["same"] });
    expect(known.usage).toMatchObject({ cost: 0, saved_cost: expect.any(Number) });
    expect(known.usage?.saved_cost).toBeGreaterThan(0);
  });

  it("save nothing that could be told where no price is known", async () => {
    const dheera = dheeraOf({ profile: { ...perSearch, price: undefined }, cached: true });
    await dheera.rerank(request);
    expect((await dheera.rerank(request)).usage).not.toHaveProperty("saved_cost");
  });

  it("cost nothing to who shares the work of another request", async () => {
    const waiting = Promise.withResolvers<void>();
    const dheera = dheeraOf({
      cached: true,
      answer: async (call) => {
        await waiting.promise;
        return scoreAll(call);
      },
    });
    const both = [dheera.rerank(request), dheera.rerank(request)];
    waiting.resolve();
    const costs = (await Promise.all(both)).map(({ usage }) => [usage?.cost, usage?.saved_cost]);
    expect(costs).toEqual([
      [0.002, undefined],
      [0, 0.002],
    ]);
  });
});

describe("a call that is sent twice", () => {
  it("makes the cost unknown, because the copy that was given up may be billed", async () => {
    let isStuck = false;
    const called: string[] = [];
    const dheera = dheeraOf({
      profile: perToken,
      model_list: ["first", "second"].map((model, order) => ({
        model_name: "m",
        dheera_ai_params: { model: `scripted/${model}`, hedge: true, order },
      })),
      answer: async (call, model) => {
        called.push(model);
        if (isStuck && model === "first") await new Promise(() => {});
        return { ...scoreAll(call), usage: { inputTokens: 100 } };
      },
    });
    for (let number = 0; number < 40; number++)
      expect((await dheera.rerank(request)).usage?.cost).toBeCloseTo(5e-6, 12);
    isStuck = true;
    const { usage } = await dheera.rerank(request);
    expect(called.slice(40)).toEqual(["first", "second"]);
    expect(usage).toEqual({ prompt_tokens: 100, completion_tokens: 0, total_tokens: 100 });
  });
});
