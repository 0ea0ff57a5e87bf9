import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { Target } from "../contract.ts";
import { type Dheera, createDheera } from "../dheera.ts";
import { pointwise, scoreAll, scriptedProvider } from "../fixtures/scripted-provider.ts";
import type { CallFacts } from "../observer.ts";
import type { ModelEntry, RouterSettings } from "./settings.ts";
import { findWildcard } from "./wildcards.ts";

const request = { query: "q", documents: ["one", "two"] };

interface Setup {
  readonly router_settings?: RouterSettings;
  readonly calls?: CallFacts[];
  readonly failing?: (model: string) => boolean;
}

/** Notes what its providers `one` and `two` were connected with. */
function dheeraOf(model_list: readonly ModelEntry[], { router_settings, calls = [], failing }: Setup = {}) {
  const targets: (Target & { readonly provider: string })[] = [];
  let closed = 0;
  const providers = ["one", "two"].map((name) => {
    const scripted = scriptedProvider(
      (call, model) => {
        if (failing?.(model)) throw new TypeError("oops");
        return scoreAll(call);
      },
      (model) => ({ ...pointwise, fingerprint: model }),
      { close: () => void closed++ },
    );
    return {
      name,
      connect: (target: Target) => (targets.push({ ...target, provider: name }), scripted.connect(target)),
    };
  });
  const dheera: Dheera = createDheera({
    providers,
    model_list,
    router_settings: { num_retries: 0, ...router_settings },
    limits: { allowDestination: false },
    observer: { call: (facts, run) => (calls.push(facts), run()) },
  });
  // What was connected to try the parameters of entries says nothing.
  targets.length = 0;
  return { dheera, targets, closed: () => closed };
}

function entry(model_name: string, model: string, more: Partial<ModelEntry["dheera_ai_params"]> = {}): ModelEntry {
  return { model_name, dheera_ai_params: { model, ...more }, model_info: { id: `${model_name} ${model}` } };
}

const params = { api_base: "http://here.example", api_key: "sk-one", flavour: "plain" };

describe("a model name with an asterisk", () => {
  it.each([
    ["one/*", "one/*", "one/BAAI/bge", "one", "BAAI/bge"],
    ["*", "*", "two/BAAI/bge", "two", "BAAI/bge"],
    ["*", "one/*", "two/bge", "one", "two/bge"],
    ["my-*", "two/*", "my-bge", "two", "bge"],
    ["any/*", "one/fixed", "any/thing", "one", "fixed"],
    ["*/rerank-*", "one/*-of-*", "acme/rerank-3", "one", "acme-of-3"],
  ])(
    "%s with the model %s connects %s with the entry's parameters",
    async (name, model, asked, provider, connected) => {
      const { dheera, targets } = dheeraOf([entry(name, model, params)]);
      expect((await dheera.rerank({ ...request, model: asked })).model).toBe(asked);
      expect(targets).toMatchObject([
        { provider, model: connected, apiBase: params.api_base, apiKey: params.api_key, options: { flavour: "plain" } },
      ]);
    },
  );

  it("connects each model once, and closes with the rest", async () => {
    const { dheera, targets, closed } = dheeraOf([entry("one/*", "one/*")]);
    for (const model of ["one/a", "one/b", "one/a"]) await dheera.rerank({ ...request, model });
    expect(targets.map(({ model }) => model)).toEqual(["a", "b"]);
    await dheera.close();
    expect(closed()).toBe(2);
  });

  it("keeps no more models than requests may name themselves, and closes the others", async () => {
    const { dheera, closed } = dheeraOf([entry("one/*", "one/*")]);
    for (let number = 0; number < 1_010; number++) await dheera.rerank({ ...request, model: `one/m${number}` });
    await expect.poll(closed).toBe(10);
    expect(dheera.deployments()).toMatchObject([{ calls: 1_010, state: "healthy" }]);
  });

  it("gives way to the name itself, to an id, and to one that says more", async () => {
    const list = [entry("*", "two/*"), entry("one/*", "one/*"), entry("one/exact", "two/exact"), entry("o*", "two/*")];
    const { dheera, targets } = dheeraOf(list);
    for (const model of ["one/exact", "one/other", "o-other", "another"]) await dheera.rerank({ ...request, model });
    expect(targets.map(({ provider, model }) => `${provider} ${model}`)).toEqual([
      "one other",
      "two -other",
      "two another",
    ]);
    expect(dheera.wildcardOf("one/exact")).toBeUndefined();
    expect(["one/other", "o-other", "another"].map((name) => dheera.wildcardOf(name))).toEqual(["one/*", "o*", "*"]);
  });

  it("shares the traffic of a model among its entries", async () => {
    const list = [entry("m/*", "one/*"), entry("m/*", "two/*")];
    const { dheera, targets } = dheeraOf(list, { failing: () => false });
    await dheera.rerank({ ...request, model: "m/bge" });
    expect(targets.map(({ provider }) => provider)).toEqual(["one", "two"]);
  });

  it("is the name in metrics and lists, whatever callers name: their names make no labels", async () => {
    const calls: CallFacts[] = [];
    const { dheera } = dheeraOf([entry("one/*", "one/*")], { calls });
    for (const model of ["one/a", "one/b"]) await dheera.rerank({ ...request, model });
    expect(new Set(calls.map(({ modelName, deployment }) => `${modelName} as ${deployment}`))).toEqual(
      new Set(["one/* as one/* one/*"]),
    );
    expect(dheera.models()).toEqual(["one/*"]);
    expect(dheera.deployments()).toMatchObject([
      { id: "one/* one/*", modelName: "one/*", provider: "one", model: "*", calls: 2, failures: 0, state: "healthy" },
    ]);
    await expect(dheera.check("one/* one/*")).rejects.toThrow("stands for every model");
  });

  it("has the calls of a minute for all its models together", async () => {
    const { dheera } = dheeraOf([entry("one/*", "one/*", { rpm: 2 })]);
    for (const model of ["one/a", "one/b"]) await dheera.rerank({ ...request, model });
    await expect(dheera.rerank({ ...request, model: "one/c" })).rejects.toMatchObject({ code: "rate_limited" });
  });

  it("has fallbacks of its own name or of the one that was asked for, and may be a fallback", async () => {
    const list = [entry("one/*", "one/*"), entry("two/*", "two/*"), entry("spare", "two/spare")];
    const failing = (model: string): boolean => model === "bad" || model === "worse";
    const fallbacks: RouterSettings["fallbacks"] = [{ "one/*": ["spare"] }, { "one/worse": ["two/other"] }];
    const { dheera } = dheeraOf(list, { router_settings: { fallbacks }, failing });
    expect((await dheera.rerank({ ...request, model: "one/bad" })).model).toBe("spare");
    expect((await dheera.rerank({ ...request, model: "one/worse" })).model).toBe("two/other");
    const own = { ...request, model: "one/bad", fallbacks: ["two/mine"] };
    expect((await dheera.rerank(own)).model).toBe("two/mine");
    expect((await dheera.rerank(own, { requestFallbackModels: ["two/*"] })).model).toBe("two/mine");
    await expect(dheera.rerank(own, { requestFallbackModels: ["one/*"] })).rejects.toMatchObject({ code: "forbidden" });
    const within = { fallbackModels: ["two/*"] };
    expect((await dheera.rerank({ ...request, model: "one/worse" }, within)).model).toBe("two/other");
    await expect(dheera.rerank({ ...request, model: "one/bad" }, within)).rejects.toThrow();
  });

  it("may have aliases", async () => {
    const { dheera, targets } = dheeraOf([entry("one/*", "one/*")], {
      router_settings: { model_group_alias: { rerank: "one/bge" } },
    });
    await dheera.rerank({ ...request, model: "rerank" });
    expect(targets).toMatchObject([{ model: "bge" }]);
  });

  it.each([
    "one/../../admin",
    "one/..",
    "one/.",
    "one//host.example/x",
    "one/https://host.example",
    "one/https:/host.example",
    "one/a?b=c",
    "one/a#b",
    "one/a%2f..%2fb",
    "one/a\\b",
    "one/a b",
    "one/a\n",
    "one/",
    "one/*",
    "one/a*",
    `one/${"a".repeat(200)}`,
    "three/a",
  ])("stands for no name with which a caller could reach another path or address: %j", async (model) => {
    const { dheera, targets } = dheeraOf([entry("one/*", "one/*"), entry("two/*", "two/*")]);
    await expect(dheera.rerank({ ...request, model })).rejects.toMatchObject({ code: "model_not_found" });
    expect(targets).toEqual([]);
  });

  it("takes no address and no key from a caller", async () => {
    const { dheera } = dheeraOf([entry("one/*", "one/*")]);
    await expect(dheera.rerank({ ...request, model: "one/a", api_base: "http://there.example" })).rejects.toMatchObject(
      {
        param: "api_base",
      },
    );
    await expect(dheera.rerank({ ...request, model: "one/a", api_key: "sk-mine" })).rejects.toMatchObject({
      param: "api_key",
    });
  });

  it.each([
    ["a key that would go to any provider", entry("*", "*", { api_key: "sk-one" }), "api_key"],
    ["a key that would go to any provider of a kind", entry("o*", "o*/x", { api_key: "sk-one" }), "api_key"],
    ["more asterisks in the model than in the name", entry("one/*", "one/*/*"), "model"],
    ["more than two asterisks", entry("*/*/*", "one/*/*/*"), "model_name"],
    ["a name that no model can have", entry("my models/*", "one/*"), "model_name"],
    ["an unknown provider", entry("three/*", "three/*"), "model"],
  ])("is refused when it is configured with %s", (_, configured, param) => {
    expect(() => dheeraOf([configured])).toThrow(expect.objectContaining({ param }));
  });
});

it("the most specific of several is the one with the most letters, the first among equals", () => {
  const names = fc.uniqueArray(fc.stringMatching(/^[ab]{0,3}\*[ab]{0,3}$/), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(names, fc.stringMatching(/^[ab]{1,6}$/), (wildcards, name) => {
      const [first, ...others] = wildcards
        .filter((wildcard) => {
          const [head = "", tail = ""] = wildcard.split("*");
          return name.length > head.length + tail.length && name.startsWith(head) && name.endsWith(tail);
        })
        .toSorted((one, other) => other.length - one.length);
      expect(findWildcard(wildcards, name)).toBe(first);
      expect(others.every((other) => other.length <= (first ?? "").length)).toBe(true);
    }),
  );
});
