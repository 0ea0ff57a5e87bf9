import { InvalidArgumentError } from "@ai-sdk/provider";
import { createProviderRegistry, customProvider, NoSuchModelError, rerank, wrapProvider } from "ai";
import { createDheera, officialProviders } from "dheera-ai";
import { afterAll, describe, expect, it } from "vitest";

import { createDheeraAI, dheera } from "./index.ts";

const query = "cat";
const documents = ["the dog", "the cat"];

describe("the provider", () => {
  afterAll(() => {
    globalThis.AI_SDK_DEFAULT_PROVIDER = undefined;
  });

  it("is one of the newest specification, whose models are too", () => {
    expect(dheera.specificationVersion).toBe("v4");
    expect(dheera("bm25/default")).toMatchObject({
      specificationVersion: "v4",
      provider: "dheera.reranking",
      modelId: "bm25/default",
    });
    expect(dheera.reranking("a/b").modelId).toBe("a/b");
  });

  it("ranks for a registry, whatever a model is called", async () => {
    await using instance = createDheera({
      providers: officialProviders({ environment: {} }),
      model_list: [{ model_name: "words:v1", dheera_ai_params: { model: "bm25/default" } }],
    });
    const registry = createProviderRegistry({ dheera, own: createDheeraAI({ dheera: instance }) });
    for (const id of ["dheera:bm25/default", "own:words:v1"] as const) {
      const { ranking } = await rerank({ model: registry.rerankingModel(id), query, documents });
      expect(ranking[0]?.originalIndex).toBe(1);
    }
  });

  it("ranks for a custom provider, as one of its models and as what it falls back to", async () => {
    const custom = customProvider({ rerankingModels: { best: dheera("bm25/default") }, fallbackProvider: dheera });
    for (const id of ["best", "bm25/default"]) {
      const { ranking } = await rerank({ model: custom.rerankingModel(id), query, documents });
      expect(ranking[0]?.originalIndex).toBe(1);
    }
  });

  it("ranks by a text alone where it is the default, and behind middleware for other models", async () => {
    for (const provider of [dheera, wrapProvider({ provider: dheera, languageModelMiddleware: {} })]) {
      globalThis.AI_SDK_DEFAULT_PROVIDER = provider;
      const { ranking } = await rerank({ model: "bm25/default", query, documents });
      expect(ranking[0]?.originalIndex).toBe(1);
    }
  });

  it("has no other kinds of models", () => {
    const { languageModel, embeddingModel, imageModel, transcriptionModel, speechModel } = dheera;
    const others = { languageModel, embeddingModel, imageModel, transcriptionModel, speechModel };
    for (const [modelType, create] of Object.entries(others)) {
      const failure = { name: "AI_NoSuchModelError", modelId: "a/b", modelType };
      expect(() => create("a/b")).toThrow(expect.objectContaining(failure));
    }
    const registry = createProviderRegistry({ dheera });
    expect(() => registry.languageModel("dheera:a/b")).toThrow("No such languageModel");
  });

  it("says that nobody in this process has a model", async () => {
    const error: unknown = await rerank({ model: dheera("nobody"), query, documents }).catch((failure) => failure);
    expect(NoSuchModelError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({ modelId: "nobody", cause: { code: "model_not_found" } });
  });

  it("is a proxy's or this process's, and never both", () => {
    const instance = createDheera({ providers: officialProviders({ environment: {} }) });
    const baseURL = "http://localhost:4000";
    // @ts-expect-error an instance ranks in this process
    expect(() => createDheeraAI({ baseURL, dheera: instance })).toThrow("dheera: an instance ranks in this process");
    // @ts-expect-error a key is a proxy's
    expect(() => createDheeraAI({ apiKey: "sk" })).toThrow("apiKey: is sent to a proxy");
    // @ts-expect-error headers are a proxy's
    expect(() => createDheeraAI({ dheera: instance, headers: {} })).toThrow("headers: is sent to a proxy");
  });

  it.each([
    [{ baseURL: "localhost:4000" }, "baseURL"],
    [{ baseURL: "" }, "baseURL"],
    [{ baseURL: "ftp://sk-secret@localhost" }, "baseURL"],
    [{ baseURL: "http://localhost:4000", apiKey: "sk-secret\nx: y" }, "apiKey"],
    [{ baseURL: "http://localhost:4000", headers: { "x-team": "sk-secret\r\nx: y" } }, "headers"],
    [{ baseURL: "http://localhost:4000", headers: { "x team": "sk-secret" } }, "headers"],
    [{ baseURL: "http://localhost:4000", headers: { "x-team": "sk-secret 日本" } }, "headers"],
  ] as const)("is refused at once where no request could be sent: %j", (settings, argument) => {
    let error: unknown;
    try {
      createDheeraAI(settings);
    } catch (failure) {
      error = failure;
    }
    if (!InvalidArgumentError.isInstance(error)) throw error;
    expect(error.argument).toBe(argument);
    expect(error.message.startsWith(`${argument}: `)).toBe(true);
    expect(`${error.message} ${String(error.cause)}`).not.toContain("sk-secret");
  });

  it("refuses headers of a call as an argument where HTTP has no place for them", async () => {
    const model = createDheeraAI({ baseURL: "http://127.0.0.1:9" })("words");
    const asked = rerank({ model, query, documents, headers: { "x-team": "sk-secret\nx: y" } });
    await expect(asked).rejects.toMatchObject({ name: "AI_InvalidArgumentError", argument: "headers" });
    await expect(asked).rejects.toThrow("headers: x-team must be a text without line breaks");
  });
});
