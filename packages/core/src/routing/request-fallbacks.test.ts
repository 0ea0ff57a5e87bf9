import { describe, expect, it } from "vitest";

import type { Provider } from "../contract.ts";
import { createDheera } from "../dheera.ts";
import { DheeraError } from "../errors.ts";
import { pointwise, scoreAll, scriptedProvider } from "../fixtures/scripted-provider.ts";
import type { RerankOptions } from "../options.ts";

const request = { model: "broken", query: "q", documents: ["a", "b"] };

/** `broken` fails and falls back to `configured`. */
function rerank(more: object, options: RerankOptions = {}) {
  const provider = scriptedProvider(
    (call, model) => {
      if (model === "broken") throw new DheeraError("provider_failed", "it fails");
      return scoreAll(call);
    },
    (model) => ({ ...pointwise, fingerprint: model }),
  );
  const dheera = createDheera({
    providers: [provider],
    model_list: ["broken", "configured", "other", "third"].map((model_name) => ({
      model_name,
      dheera_ai_params: { model: `scripted/${model_name}` },
      model_info: { id: `id-of-${model_name}` },
    })),
    router_settings: {
      fallbacks: [{ broken: ["configured"] }],
      model_group_alias: { alias: "third" },
      num_retries: 0,
    },
  });
  return dheera.rerank({ ...request, ...more }, options);
}

describe("the fallbacks of a request", () => {
  it.each([
    [["other"], "other"],
    [["alias"], "third"],
    [["id-of-other"], "other"],
    [[{ model: "other" }], "other"],
    [[{ third: ["configured"] }, { broken: ["other"] }], "other"],
    [[{ "*": ["third"] }], "third"],
    [["broken", "other"], "other"],
  ])("serve in place of the configured ones: %j", async (fallbacks, model) => {
    expect((await rerank({ fallbacks })).model).toBe(model);
  });

  it("are none where it disables them, or names none", async () => {
    expect((await rerank({})).model).toBe("configured");
    await expect(rerank({ disable_fallbacks: true })).rejects.toMatchObject({ code: "provider_failed" });
    await expect(rerank({ fallbacks: [] })).rejects.toMatchObject({ code: "provider_failed" });
    await expect(rerank({ fallbacks: ["other"], disable_fallbacks: "true" })).rejects.toMatchObject({
      code: "provider_failed",
    });
  });

  it.each([
    ["a list that is none", "other", "invalid_request", "fallbacks"],
    ["an empty name", [""], "invalid_request", "fallbacks[0]"],
    ["a long name", ["x".repeat(201)], "invalid_request", "fallbacks[0]"],
    ["another request", [{ model: "other", query: "another" }], "invalid_request", "fallbacks[0]"],
    ["lists of what is no name", [{ broken: [1] }], "invalid_request", "fallbacks[0]"],
    ["a name that is not known", ["nobody"], "model_not_found", "fallbacks"],
    ["eleven", Array.from({ length: 11 }, () => "other"), "invalid_request", "fallbacks"],
  ])("are refused by name where they are %s", async (_what, fallbacks, code, param) => {
    await expect(rerank({ fallbacks })).rejects.toMatchObject({ code, param, message: expect.stringContaining(param) });
  });

  it("may name only what the host allows", async () => {
    const options = { requestFallbackModels: ["broken", "other"] };
    expect((await rerank({ fallbacks: ["id-of-other"] }, options)).model).toBe("other");
    for (const name of ["third", "alias", "id-of-third", "nobody"])
      await expect(rerank({ fallbacks: ["other", name] }, options)).rejects.toMatchObject({ code: "forbidden" });
  });
});

describe("fallbacks that are not configured", () => {
  /** What each model was asked with; `first` models fail. */
  function stage() {
    const asked: unknown[] = [];
    const providers = ["one", "other"].map((name): Provider => {
      const provider = scriptedProvider(
        (call, model) => {
          if (model.startsWith("first")) throw new DheeraError("provider_failed", "it fails");
          return scoreAll(call);
        },
        (model) => ({ ...pointwise, fingerprint: model }),
      );
      return {
        name,
        connect: (target) => {
          asked.push([name, target.model, target.apiBase, target.apiKey]);
          return provider.connect(target);
        },
      };
    });
    const router_settings = { num_retries: 0 };
    const dheera = createDheera({ providers, defaultProvider: "one", router_settings });
    return { dheera, asked };
  }

  it.each([
    [{ model: "one/first", fallbacks: ["other/m"] }, "other/m"],
    [{ model: "one/first", fallbacks: ["one/first", "one/first again", "one/m"] }, "one/m"],
    [{ model: "first", api_base: "http://localhost:1", fallbacks: ["BAAI/m"] }, "BAAI/m"],
  ])("serve as a model that is not configured does: %j", async (more, model) => {
    expect((await stage().dheera.rerank({ ...request, ...more })).model).toBe(model);
  });

  it("get the address and the key of the request where they are of the model's provider, and else neither", async () => {
    const { dheera, asked } = stage();
    const own = { model: "one/first", api_base: "http://localhost:1", api_key: "sk-one" };
    await dheera.rerank({ ...request, ...own, fallbacks: ["one/first too", "other/m"] });
    expect(asked).toHaveLength(3);
    expect(asked).toEqual(
      expect.arrayContaining([
        ["one", "first", own.api_base, own.api_key],
        ["one", "first too", own.api_base, own.api_key],
        ["other", "m", undefined, undefined],
      ]),
    );
  });

  it("are refused by name where nobody has them, or requests may name configured models alone", async () => {
    const refusal = {
      code: "model_not_found",
      param: "fallbacks",
      message: expect.stringMatching(/^fallbacks: "nobody/),
    };
    const base = { model: "other/first", api_base: "http://localhost:1" };
    for (const own of [{ model: "one/first" }, base])
      await expect(stage().dheera.rerank({ ...request, ...own, fallbacks: ["nobody/m"] })).rejects.toMatchObject(
        refusal,
      );
    const provider = scriptedProvider((call) => scoreAll(call));
    const dheera = createDheera({
      providers: [provider],
      model_list: [{ model_name: "broken", dheera_ai_params: { model: "scripted/m" } }],
      limits: { allowDestination: false },
    });
    await expect(dheera.rerank({ ...request, fallbacks: ["scripted/m"] })).rejects.toMatchObject({
      code: "model_not_found",
      param: "fallbacks",
    });
  });
});

describe("a deployment's id in place of a model name", () => {
  it("asks that deployment alone", async () => {
    expect((await rerank({ model: "id-of-other" })).model).toBe("other");
    await expect(rerank({ model: "id-of-broken" })).rejects.toMatchObject({ deployment: "id-of-broken" });
  });
});
