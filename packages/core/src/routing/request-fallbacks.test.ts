import { describe, expect, it } from "vitest";

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

describe("a deployment's id in place of a model name", () => {
  it("asks that deployment alone", async () => {
    expect((await rerank({ model: "id-of-other" })).model).toBe("other");
    await expect(rerank({ model: "id-of-broken" })).rejects.toMatchObject({ deployment: "id-of-broken" });
  });
});
