import { parseConfig } from "@dheera-ai/proxy";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { servedName, starterConfig } from "./starter-config.ts";

function entriesOf(text: string): ReadonlyMap<string, string> {
  const { model_list } = parseConfig(text, { file: "config.yaml", environment: { HF_TOKEN: "hf_key" } }).config;
  const names = model_list.map(({ model_name }) => model_name);
  expect(names).toEqual([...new Set(names)]);
  return new Map(model_list.map(({ model_name, dheera_ai_params: { model } }) => [model_name, model]));
}

const word = fc.constantFrom("bm25", "fused", "bge-reranker-base", "input_order", "default", "local", "acme", "2026");
const localModel = fc.tuple(word, word).map((words) => words.join("/"));
const chosen = fc
  .oneof(fc.tuple(word, word), fc.tuple(word, word, word))
  .map((words) => ({ model: words.join("/"), parameters: {}, comment: [] }));

describe("a configuration to start from", () => {
  it("has no two entries of one name, which would share its traffic", () => {
    const options = fc.record({ localModel: fc.option(localModel), model: fc.option(chosen) });
    fc.assert(
      fc.property(options, (some) => {
        const model = some.model ?? undefined;
        const local = some.localModel ?? undefined;
        const entries = entriesOf(starterConfig({ localModel: local, model }));
        if (local !== undefined) expect([...entries.values()]).toContain(`local/${local}`);
        if (model !== undefined) expect(entries.get(servedName(model.model))).toBe(model.model);
      }),
    );
  });

  it("has one entry for a model on this machine that was chosen as well", () => {
    const model = { model: "local/fused/input_order", parameters: {}, comment: [] };
    const text = starterConfig({ localModel: "fused/input_order", model });
    expect(entriesOf(text).get("local-fused-input_order")).toBe("local/fused/input_order");
    expect(text).toContain('models: [input_order, "local-fused-input_order"]');
  });

  it("names a model on this machine apart from a chosen one that has its whole name", () => {
    const model = { model: "acme/local-acme-fused", parameters: {}, comment: [] };
    const entries = entriesOf(starterConfig({ localModel: "acme/fused", model }));
    expect(entries.get("local-acme-fused")).toBe("acme/local-acme-fused");
    expect(entries.get("local-acme-fused-2")).toBe("local/acme/fused");
  });

  it("sends nothing to Hugging Face under the name of a local model", () => {
    const entries = entriesOf(starterConfig({ localModel: "BAAI/bge-reranker-base" }));
    expect(entries.get("bge-reranker-base")).toBe("local/BAAI/bge-reranker-base");
    expect([...entries.values()].join(" ")).not.toContain("huggingface");
  });
});
