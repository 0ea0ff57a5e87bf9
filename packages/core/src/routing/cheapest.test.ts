import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { Price, Profile } from "../contract.ts";
import { createDheera } from "../dheera.ts";
import { DheeraError } from "../errors.ts";
import { pointwise, scoreAll, scriptedProvider } from "../fixtures/scripted-provider.ts";
import { expectedCost } from "./cheapest.ts";

const profiles: Readonly<Record<string, Profile>> = {
  own: pointwise,
  search: priced("per-search", { perSearchUnit: 0.002 }),
  tokens: priced("per-token", { perToken: 1e-6 }),
  dear: priced("per-search", { perSearchUnit: 0.5 }),
  unknown: { ...pointwise, billing: "per-search" },
};

function priced(billing: Profile["billing"], price: Price): Profile {
  return { ...pointwise, billing, price };
}

/** Which models served requests of so many documents, each of about so many tokens. */
async function served(
  models: readonly string[],
  { documents = 3, length = 10, order = {}, failing = "", requests = 20, fingerprints = false } = {},
): Promise<readonly string[]> {
  const called: string[] = [];
  const provider = scriptedProvider(
    (call, model) => {
      called.push(model);
      if (model === failing) throw new DheeraError("provider_auth", "no credit");
      return scoreAll(call);
    },
    (model) => ({ ...(profiles[model] ?? pointwise), ...(fingerprints && { fingerprint: model }) }),
  );
  const dheera = createDheera({
    providers: [provider],
    model_list: models.map((model) => ({
      model_name: "m",
      dheera_ai_params: { model: `scripted/${model}`, order: Reflect.get(order, model) },
    })),
    router_settings: { routing_strategy: "cost-based-routing", cooldown_time: 0, num_retries: 0 },
  });
  const texts = Array.from({ length: documents }, (_, index) => `${index}`.padEnd(length, "x"));
  for (let number = 0; number < requests; number++)
    await dheera.rerank({ model: "m", query: `q${number}`, documents: texts });
  return [...new Set(called)];
}

describe("cost-based routing", () => {
  it.each([true, false])("sends every request to the cheapest, fingerprints differing: %s", async (fingerprints) => {
    expect(await served(["dear", "search", "unknown"], { fingerprints })).toEqual(["search"]);
    expect(await served(["dear", "own", "search"], { fingerprints })).toEqual(["own"]);
  });

  it("decides by the request: few tokens cost less than a search, many cost more", async () => {
    expect(await served(["search", "tokens"], { documents: 3, length: 40 })).toEqual(["tokens"]);
    expect(await served(["search", "tokens"], { documents: 90, length: 4_000 })).toEqual(["search"]);
  });

  it("lets an unknown price serve last", async () => {
    expect(await served(["unknown", "dear"])).toEqual(["dear"]);
    expect(await served(["unknown"])).toEqual(["unknown"]);
  });

  it("goes by the order of the configuration first", async () => {
    expect(await served(["own", "dear"], { order: { own: 1, dear: 0 } })).toEqual(["dear"]);
  });

  it("falls to the next cheapest when one fails", async () => {
    expect(await served(["dear", "own", "search"], { failing: "own", requests: 1 })).toEqual(["own", "search"]);
  });

  it("spreads one cost over all that have it, large requests of several batches included", async () => {
    expect((await served(["own", "also-own", "dear"])).toSorted()).toEqual(["also-own", "own"]);
    const large = await served(["own", "also-own", "dear"], { documents: 200, requests: 2 });
    expect(large.toSorted()).toEqual(["also-own", "own"]);
  });
});

it("costs no less for more documents, and nobody can serve a list that is longer than one may be", () => {
  const price = fc.record(
    { perSearchUnit: fc.double({ min: 0, max: 1, noNaN: true }), perToken: fc.double({ min: 0, max: 1, noNaN: true }) },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(price, fc.nat(500), fc.nat(500), (some, few, more) => {
      const profile = priced("per-token", some);
      const cost = (documents: number): number => expectedCost(profile, { documents, tokens: documents * 7 });
      expect(cost(few)).toBeLessThanOrEqual(cost(few + more));
    }),
  );
  const list: Profile = { ...pointwise, scoring: "listwise", limits: { documentsPerCall: 10 } };
  expect(expectedCost(list, { documents: 11, tokens: 1 })).toBe(Infinity);
  expect(expectedCost(list, { documents: 10, tokens: 1 })).toBe(0);
});
