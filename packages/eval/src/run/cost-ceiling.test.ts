import { DheeraError, type Profile, createDheera } from "@dheera-ai/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { CostLedger } from "./cost-ledger.ts";
import { evaluate } from "./evaluate.ts";
import { scoreByPlace, scriptedModels } from "./fixtures/scripted-models.ts";
import { smallCollection } from "./fixtures/small-collection.ts";
import { type PricedRequest, worstCost } from "./worst-cost.ts";

const price = fc.integer({ min: 1, max: 100_000 }).map((millionths) => millionths / 1e6);
const billed = fc.record({
  billing: fc.constantFrom<Profile["billing"]>("per-search", "per-token", "compute"),
  price: fc.oneof(
    fc.record({ perSearchUnit: price }),
    fc.record({ perToken: price.map((dollars) => dollars / 100) }),
    fc.record({ perSearchUnit: price, perToken: price.map((dollars) => dollars / 100) }),
  ),
  limits: fc.record(
    { documentsPerCall: fc.integer({ min: 1, max: 150 }), bytesPerCall: fc.integer({ min: 1_100, max: 4_000 }) },
    { requiredKeys: [] },
  ),
  /** Of the calls, the part whose answer never comes but that is billed. */
  lost: fc.constantFrom(0, 0.3),
});

const free = { billing: "compute", price: {}, limits: {}, lost: 0 } as const;

describe("a cost ceiling", () => {
  it("is never passed, whatever models cost and however many requests run at one time", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(billed, { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 1, max: 6 }),
        /** Of what all of it costs, the part that it may cost. */
        fc.integer({ min: 0, max: 110 }).map((percent) => percent / 100),
        fc.integer({ min: 1, max: 120 }),
        fc.infiniteStream(fc.integer({ min: 0, max: 9 })),
        async (models, concurrency, share, candidates, dice) => {
          let spent = 0;
          const dheera = createDheera({
            providers: [
              {
                name: "priced",
                connect: ({ model }) => {
                  const { lost = 0, ...profile } = models[Number(model)] ?? free;
                  return {
                    profile: () => ({ ...profile, scoring: "pointwise", scoreKind: "probability", fingerprint: model }),
                    score: async (call) => {
                      const bytes = call.documents.map((text) => text.length + call.query.length);
                      const inputTokens = bytes.reduce((sum, count) => sum + count, 0);
                      const { perSearchUnit = 0, perToken = 0 }: { perSearchUnit?: number; perToken?: number } =
                        profile.price;
                      const searches = Math.ceil(call.documents.length / 100);
                      spent += searches * perSearchUnit + inputTokens * perToken;
                      const roll = dice.next().value;
                      for (let turn = 0; turn < roll; turn++) await new Promise(setImmediate);
                      if (roll < lost * 10) throw new DheeraError("provider_bad_response", "no answer");
                      return { ...scoreByPlace(call, "last"), usage: { inputTokens } };
                    },
                  };
                },
              },
            ],
            model_list: models.map((_, at) => ({
              model_name: String(at),
              dheera_ai_params: { model: `priced/${at}`, max_retries: 0 },
            })),
            router_settings: { disable_cooldowns: true },
          });
          const options = {
            collection: smallCollection(8, candidates),
            rerank: dheera.rerank,
            models: models.map(({ lost: _lost, ...profile }, at) => ({
              name: String(at),
              identity: "",
              worstCost: (request: PricedRequest) =>
                worstCost(request, { profile: { ...profile, scoring: "pointwise" }, attempts: 1, replicas: 1 }),
            })),
            concurrency,
          };
          const whole = await evaluate(options);
          if (models.every(({ lost }) => lost === 0))
            expect(Object.values(whole.models)).toMatchObject(
              models.map(() => ({ errors: 0, cost: expect.any(Number) })),
            );
          const maxCost = share * spent;
          spent = 0;
          const report = await evaluate({ ...options, maxCost });
          await dheera.close();
          // In the ledger's units: sums of floating-point numbers differ by their order.
          expect(Math.round(spent * 1e12)).toBeLessThanOrEqual(Math.round(maxCost * 1e12));
          const measured = Object.values(report.models).map(({ per_query }) => Object.keys(per_query));
          for (const queries of measured) expect(queries).toEqual(measured[0]);
          if (report.stopped === undefined) expect(measured[0]).toHaveLength(8);
          else
            expect(report.stopped).toMatch(
              /^stopped before the ceiling of \$\S+ could be passed: \d of 8 queries were measured, for \$\S+ \(the next one may cost up to \$\S+\)$/,
            );
        },
      ),
      { numRuns: 150 },
    );
  });

  it("is used up as far as it can be: a request that does not fit waits for what those that run have cost", async () => {
    await using upstream = scriptedModels(["m"], (call) => scoreByPlace(call, "last"), {
      profile: { billing: "per-search", price: { perSearchUnit: 0.01 } },
    });
    const report = await evaluate({
      collection: smallCollection(30),
      models: [{ name: "m", identity: "", worstCost: () => 0.03 }],
      rerank: upstream.dheera.rerank,
      concurrency: 10,
      maxCost: 0.1,
    });
    // After 8 of them 0.08 is spent, and 0.03 more would pass it.
    expect(upstream.asked).toHaveLength(8);
    expect(report.models["m"]?.cost).toBeCloseTo(0.08, 12);
    expect(report.stopped).toBe(
      "stopped before the ceiling of $0.1 could be passed: 8 of 30 queries were measured, for $0.08 (the next one may cost up to $0.03)",
    );
  });

  it("refuses a model whose cost cannot be known, before anything is asked", async () => {
    await using upstream = scriptedModels(["a", "b"], (call) => scoreByPlace(call, "last"));
    const models = [
      { name: "a", identity: "", worstCost: () => 0.01 },
      { name: "b", identity: "" },
    ];
    const run = { collection: smallCollection(3), models, rerank: upstream.dheera.rerank, maxCost: 1 };
    await expect(evaluate(run)).rejects.toMatchObject({
      code: "invalid_request",
      param: "max_cost",
      message: expect.stringMatching(/not known of b, .*input_cost_per_query.*skip.*allow/),
    });
    expect(upstream.asked).toEqual([]);
    const skipped = await evaluate({ ...run, unknownCost: "skip" });
    expect(Object.keys(skipped.models)).toEqual(["a"]);
    expect(skipped.warnings).toContain("b was left out: what its requests cost is not known");
    await expect(evaluate({ ...run, models: models.slice(1), unknownCost: "skip" })).rejects.toMatchObject({
      param: "max_cost",
    });
    expect(Object.keys((await evaluate({ ...run, unknownCost: "allow" })).models)).toEqual(["a", "b"]);
  });

  it("takes twice the dearest request so far where no price tells", async () => {
    const costs = [0.1, 0.2, 0.05, 0.05, 0.05];
    await using upstream = scriptedModels(
      ["m"],
      (call) => ({ ...scoreByPlace(call, "last"), usage: { cost: costs[upstream.asked.length - 1] ?? 0 } }),
      { profile: { billing: "per-token" } },
    );
    const report = await evaluate({
      collection: smallCollection(5),
      models: [{ name: "m", identity: "" }],
      rerank: upstream.dheera.rerank,
      concurrency: 1,
      maxCost: 0.7,
      unknownCost: "allow",
    });
    // 0.30 after two and 0.35 after three; the fourth would pass it at 0.40.
    expect(report.models["m"]?.cost).toBeCloseTo(0.35, 12);
  });
});

it("says that a ceiling was passed, where no price told what a request may cost", async () => {
  await using upstream = scriptedModels(["m"], (call) => ({ ...scoreByPlace(call, "last"), usage: { cost: 1.1 } }));
  const report = await evaluate({
    collection: smallCollection(3),
    models: [{ name: "m", identity: "" }],
    rerank: upstream.dheera.rerank,
    concurrency: 1,
    maxCost: 0.5,
    unknownCost: "allow",
  });
  expect(report.stopped).toBe(
    "stopped after the ceiling of $0.5 was passed, because requests cost more than could be known: 1 of 3 queries were measured, for $1.1",
  );
});

it("names the models that the ceiling did not count", async () => {
  await using upstream = scriptedModels(["m"], (call) => scoreByPlace(call, "last"));
  const run = { collection: smallCollection(3), models: [{ name: "m", identity: "" }], rerank: upstream.dheera.rerank };
  const warning = expect.stringMatching(/^the ceiling did not count m: of 3 of its requests it is not known/);
  expect((await evaluate({ ...run, maxCost: 0.5, unknownCost: "allow" })).warnings).toContainEqual(warning);
  expect((await evaluate(run)).warnings).not.toContainEqual(warning);
});

it("counts every attempt, call and token that a request may cost", () => {
  const request = { query: "12345678", documents: ["a".repeat(92), "b".repeat(92)] };
  const profile = { scoring: "pointwise", billing: "per-search", limits: {} } as const;
  const cost = (more: Partial<Profile>, attempts = 1): number | undefined =>
    worstCost(request, { profile: { ...profile, ...more }, attempts, replicas: 1 });
  expect(cost({ price: { perSearchUnit: 2 } })).toBe(2);
  expect(cost({ price: { perSearchUnit: 2 } }, 3)).toBe(6);
  expect(cost({ price: { perSearchUnit: 2 }, limits: { documentsPerCall: 1 } })).toBe(4);
  // Each byte, and 16 tokens that separate a pair.
  expect(cost({ price: { perToken: 1 } })).toBe(2 * (8 + 92 + 16));
  expect(cost({ price: { perSearchUnit: 0 } })).toBe(0);
  expect(cost({})).toBeUndefined();
  expect(cost({ price: { perToken: 1, perOutputToken: 1 } })).toBeUndefined();
  expect(cost({ price: { perToken: 1 }, scoring: "listwise" })).toBeUndefined();
});

it("counts every chunk of a long document as a document with the query", async () => {
  const priced = {
    billing: "per-search",
    scoring: "pointwise",
    price: { perSearchUnit: 1, perToken: 0.0001 },
  } as const;
  const limits = { documentsPerCall: 2, tokensPerDocument: 40 };
  let spent = 0;
  const dheera = createDheera({
    providers: [
      {
        name: "priced",
        connect: () => ({
          profile: () => ({ ...priced, limits, scoreKind: "probability", fingerprint: "1" }),
          score: async (call) => {
            const inputTokens = call.documents.reduce((sum, text) => sum + text.length + call.query.length, 0);
            spent += 1 + inputTokens * 0.0001;
            return { ...scoreByPlace(call, "last"), usage: { inputTokens } };
          },
        }),
      },
    ],
    model_list: [{ model_name: "m", dheera_ai_params: { model: "priced/m", long_documents: "chunk_max" } }],
  });
  const request = { query: "which part", documents: ["short", "many words of a long document ".repeat(30)] };
  await dheera.rerank({ model: "m", ...request });
  await dheera.close();
  const billing = { profile: { ...priced, limits }, attempts: 1, replicas: 1 };
  expect(spent).toBeGreaterThan(worstCost(request, billing) ?? 0);
  expect(worstCost(request, { ...billing, chunksPerDocument: 10 })).toBeGreaterThanOrEqual(spent);
  // What is short is never split, nor is what a model reads beside all others.
  const short = { query: "q", documents: ["short", "other"] };
  expect(worstCost(short, { ...billing, chunksPerDocument: 10 })).toBe(worstCost(short, billing));
});

it("is not passed by what a ceiling that was computed lacks to a whole unit", async () => {
  const ceiling = 16 * 0.040916 * 0.25 - 3e-17;
  expect(ceiling).toBeLessThan(4 * 0.040916);
  const ledger = new CostLedger(ceiling);
  for (let time = 0; time < 4; time++) {
    expect(await ledger.reserve([0.040916])).toBe(true);
    ledger.settle(0.040916, 0.040916);
  }
  expect(ledger.spent).toBeGreaterThan(ceiling);
  expect(ledger.isPassed).toBe(false);
  expect(await ledger.reserve([1e-12])).toBe(false);
});

it("counts amounts exactly: ten times 0.1 is 1", async () => {
  const ledger = new CostLedger(1);
  for (let time = 0; time < 10; time++) {
    expect(await ledger.reserve([0.1])).toBe(true);
    ledger.settle(0.1, 0.1);
  }
  expect(ledger.spent).toBe(1);
  expect(await ledger.reserve([1e-12])).toBe(false);
  expect(await ledger.reserve([0])).toBe(true);
});
