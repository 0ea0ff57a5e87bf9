import { combinations, officialProviders } from "dheera-ai";
import { describe, expect, it } from "vitest";

import type { LocateProblem } from "../../config/check/check-config.ts";
import { ConfigError } from "../../config/config-error.ts";
import type { ConfiguredModel } from "../../config/config.ts";
import { prepareWithAdded } from "./prepare-with-added.ts";
import { unavailableProvider } from "./unavailable.ts";

const providers = [...officialProviders({ environment: {} }), unavailableProvider];
const place: LocateProblem = (position, message) => ({
  file: "config.yaml",
  line: position + 1,
  column: 1,
  key: "",
  message,
});

function entry(id: string, name: string, params: ConfiguredModel["dheera_ai_params"], isAdded = true): ConfiguredModel {
  return { model_name: name, dheera_ai_params: params, model_info: { id }, ...(isAdded && { isAdded }) };
}

const own = [entry("own", "near", { model: "bm25/default" }, false)];

function prepare(...added: readonly ConfiguredModel[]): {
  readonly served: readonly unknown[];
  readonly refused: Record<string, string>;
} {
  const { served, refused } = prepareWithAdded(own, added, providers, place, { combinations });
  return {
    served: served.map(({ model_info }) => model_info?.id),
    refused: Object.fromEntries(refused.map(({ id, reason }) => [id, reason])),
  };
}

describe("prepareWithAdded", () => {
  it("serves what was added beside the configuration's own, also under a name of these", () => {
    expect(
      prepare(entry("a", "near", { model: "bm25/default" }), entry("b", "far", { model: "cohere/x", api_key: "k" })),
    ).toEqual({
      served: ["own", "a", "b"],
      refused: {},
    });
  });

  it("leaves out what cannot serve, each with its reason, and serves the rest", () => {
    const { served, refused } = prepare(
      entry("wrong", "a", { model: "bm25/other" }),
      entry("good", "b", { model: "bm25/default" }),
      entry("misspelt", "c", { model: "coherre/x" }),
      entry("two", "d", { model: "huggingface/x", api_base: "https://a.example", serverr: "tei", scorring: "x" }),
      entry("chat", "e", { model: "openai/gpt-4o" }),
      entry("own", "f", { model: "bm25/default" }),
      entry("vain", "g", { model: "cascade/g", stages: [{ model: "b", keep: 3 }, { model: "gone" }] }),
      entry("shadowing", "h", { model: "bm25/default", shadow: { model: "gone" } }),
    );
    expect(served).toEqual(["own", "good"]);
    expect(refused).toEqual({
      wrong: expect.stringContaining('"other" is not known'),
      misspelt: "there is no provider coherre; did you mean cohere/…?",
      two: expect.stringContaining("unknown parameter serverr"),
      chat: expect.stringContaining("chat and embedding models"),
      own: "its id is that of a deployment of the configuration",
      vain: expect.stringContaining('"gone"'),
      shadowing: expect.stringContaining("shadow.model"),
    });
  });

  it("leaves out one that clashes with a name of the configuration, where the problem is found at the other", () => {
    const cascade = entry(
      "both",
      "both",
      { model: "cascade/both", stages: [{ model: "near", keep: 3 }, { model: "next" }] },
      false,
    );
    const next = entry("next", "next", { model: "bm25/default" }, false);
    const clash = entry("clash", "both", { model: "bm25/default" });
    const { served, refused } = prepareWithAdded(
      [...own, next, cascade],
      [entry("good", "far", { model: "bm25/default" }), clash],
      providers,
      place,
      { combinations },
    );
    expect(served.map(({ model_info }) => model_info?.id)).toEqual(["own", "next", "both", "good"]);
    expect(refused).toMatchObject([{ id: "clash", reason: expect.stringContaining("both") }]);
  });

  it("refuses a configuration that needs what was added, because it must start without the database", () => {
    const cascade = entry(
      "both",
      "both",
      { model: "cascade/both", stages: [{ model: "near", keep: 3 }, { model: "far" }] },
      false,
    );
    const far = entry("far", "far", { model: "bm25/default" });
    expect(() => prepareWithAdded([...own, cascade], [far], providers, place, { combinations })).toThrow(ConfigError);
  });
});
