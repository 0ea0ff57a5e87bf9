import type { Provider } from "@dheera-ai/core";
import { bm25, combinations, loadOptionalProviders, officialProviders } from "dheera-ai";
import { describe, expect, it } from "vitest";

import type { LocateProblem } from "../../config/check/check-config.ts";
import { nearMiss } from "../../config/check/nearest.ts";
import { litellmSettingNames } from "../../config/fixtures/litellm-setting-names.ts";
import { ConfigError } from "../../config/config-error.ts";
import type { ConfiguredModel } from "../../config/config.ts";
import { otherPurposes } from "../../config/read/litellm-providers.ts";
import { type PreparedModels, prepareModels } from "./prepare-models.ts";
import { unavailableProvider } from "./unavailable.ts";

const providers: readonly Provider[] = [...officialProviders({ environment: {} }), unavailableProvider];
const place: LocateProblem = (position, message) => ({
  file: "config.yaml",
  line: position + 1,
  column: 1,
  key: `model_list[${position}]`,
  message,
});

describe("prepareModels", () => {
  it("serves entries whose provider is there, and those of any name that have a server", () => {
    const { entries, unserved } = prepare(
      entry("a", "bm25/default"),
      entry("b", "some/model", { api_base: "http://localhost:1" }),
      entry("c", "hosted_vllm/BAAI/bge", { api_base: "http://localhost:1" }),
    );
    expect(entries.map(({ model_name }) => model_name)).toEqual(["a", "b", "c"]);
    expect(unserved.size).toBe(0);
  });

  it("leaves out entries that are not for reranking here, and says so", () => {
    const { entries, unserved, warnings } = prepare(
      entry("chat", "openai/gpt-4o"),
      entry("bare", "gpt-4o"),
      { ...entry("embedding", "huggingface/BAAI/bge-m3"), model_info: { mode: "embedding" } },
      { ...entry("rerank", "bm25/default"), model_info: { mode: "rerank" } },
    );
    expect(entries.map(({ model_name }) => model_name)).toEqual(["rerank"]);
    expect([...unserved.keys()]).toEqual(["chat", "bare", "embedding"]);
    expect(warnings).toEqual([
      "config.yaml:1 chat is not served: openai/… are chat and embedding models; for a reranker set model_info.mode: rerank and the server's api_base",
      "config.yaml:2 bare is not served: gpt-4o is the name of another kind of model; if it is a reranker, set model_info.mode: rerank",
      "config.yaml:3 embedding is not served: its mode is embedding",
    ]);
  });

  it("names the providers where a model names none and no server", () => {
    const { warnings } = prepare(entry("bare", "mine"), entry("foreign", "some/model"));
    expect(warnings.slice(0, 2)).toEqual([
      expect.stringMatching(
        /^config\.yaml:1 bare is not served: mine names no provider \(there are bm25, huggingface, .*\)/,
      ),
      expect.stringMatching(
        /^config\.yaml:2 foreign is not served: there is no provider some \(there are .*, and without/,
      ),
    ]);
    expect(warnings.join()).not.toContain("unavailable");
  });

  describe("with an api_base", () => {
    const base = { api_base: "http://localhost:1/v1" };
    const rerank = { model_info: { mode: "rerank" } };

    it.each([
      "openai/gpt-4o",
      "openai/bge-reranker-v2-m3",
      "azure/my-deployment",
      "ollama/llama3",
      "ollama_chat/llama3",
      "anthropic/claude-sonnet-4",
      "groq/llama-3.3-70b",
      "lm_studio/any",
      "text-completion-openai/x",
      "deepgram/nova-2",
      "tavily/search",
      "gpt-4o",
      "hosted_vllm/meta-llama/Llama-3.1-8B-Instruct",
      "cohere/command-r-plus",
      "cohere/embed-v4.0",
      "cohere_chat/command-r",
    ])("leaves out %s, which LiteLLM has for another purpose", (name) => {
      const { entries, warnings } = prepare(entry("a", name, base));
      expect(entries).toEqual([]);
      expect(warnings).toEqual([
        expect.stringMatching(/^config\.yaml:1 a is not served: .*model_info\.mode: rerank/),
        expect.stringContaining("NOTHING IS SERVED"),
      ]);
    });

    it.each([
      ["openai/BAAI/bge-reranker-base", "BAAI/bge-reranker-base"],
      ["custom_openai/cohere/x", "cohere/x"],
      ["triton/bge-reranker", "bge-reranker"],
      ["llamafile/r", "r"],
    ])("serves %s where its mode is rerank, as the model %s of a server with an API like Cohere's", (name, served) => {
      const { entries, warnings } = prepare({ ...entry("a", name, base), ...rerank });
      expect(entries).toEqual([
        { model_name: "a", dheera_ai_params: { model: `cohere/${served}`, ...base }, ...rerank },
      ]);
      expect(warnings).toEqual([]);
    });

    it.each([
      ["ollama/bge-reranker", "hosted_vllm/"],
      ["ollama_chat/x", "hosted_vllm/"],
      ["lm_studio/x", "hosted_vllm/"],
      ["azure/x", "azure_ai/"],
      ["gemini/x", "vertex_ai/"],
      ["anthropic/claude", "no rerank API"],
      ["groq/x", "no rerank API"],
      ["databricks/x", "no rerank API"],
    ])("refuses the reranker %s by name, with a remedy", (name, remedy) => {
      const { entries, warnings, unserved } = prepare({ ...entry("a", name, base), ...rerank });
      expect(entries).toEqual([]);
      expect(warnings[0]).toContain(`${name.slice(0, name.indexOf("/"))} has no rerank API`);
      expect(warnings[0]).toContain(remedy);
      expect(unserved.get("a")).toContain(remedy);
    });

    it("asks a provider of this name that a plug-in brings, whatever LiteLLM has it for", () => {
      const plugin: Provider = { name: "ollama", connect: (target) => bm25().connect({ ...target, model: "default" }) };
      const { entries, warnings } = prepareModels([entry("a", "ollama/llama3", base)], [...providers, plugin], place);
      expect(entries).toHaveLength(1);
      expect(warnings).toEqual([]);
    });
  });

  it("takes a name with an asterisk for what requests will name, unless its provider has no rerankers", () => {
    const { entries, warnings } = prepare(entry("together_ai/*", "together_ai/*"), entry("openai/*", "openai/*"));
    expect(entries.map(({ model_name }) => model_name)).toEqual(["together_ai/*"]);
    expect(warnings).toHaveLength(1);
  });

  it("knows for what purpose LiteLLM has each prefix that is no provider here", () => {
    expect(providers.map(({ name }) => name).filter((name) => otherPurposes.has(name))).toEqual([]);
  });

  it("does not serve a reranker of an OpenAI-compatible provider without its address", () => {
    const { entries, warnings } = prepare({ ...entry("a", "openai/x"), model_info: { mode: "rerank" } });
    expect(entries).toEqual([]);
    expect(warnings[0]).toContain("without an api_base there is no server to ask");
  });

  it("knows rerankers by their names where a provider has other models too", () => {
    const catalogue: Provider = { ...bm25(), name: "together_ai" };
    const models = [
      entry("chat", "together_ai/some/model"),
      entry("rerank", "together_ai/default-rank"),
      { ...entry("said", "together_ai/default"), model_info: { mode: "rerank" } },
    ];
    const withDefault: Provider = {
      ...catalogue,
      connect: (target) => catalogue.connect({ ...target, model: "default" }),
    };
    const { entries, warnings } = prepareModels(models, [...providers, withDefault], place);
    expect(entries.map(({ model_name }) => model_name)).toEqual(["rerank", "said"]);
    expect(warnings).toEqual([
      "config.yaml:1 chat is not served: nothing says that together_ai/some/model is a reranker; if it is one, set model_info.mode: rerank",
    ]);
  });

  it("finds prefixes and parameters that are misspelt, because they would be served by something else", () => {
    const base = { api_base: "http://localhost:1" };
    const error = failure(() =>
      prepare(
        entry("a", "hugginface/BAAI/bge", base),
        entry("b", "Cohere/x", base),
        entry("c", "huggingface/x", { ...base, serverr: "tei" }),
        entry("d", "some/model", { ...base, scorring: "listwise" }),
      ),
    );
    expect(error instanceof ConfigError && error.problems.map(({ line, message }) => `${line} ${message}`)).toEqual([
      "1 there is no provider hugginface; did you mean huggingface/…?",
      "2 there is no provider Cohere; did you mean cohere/…?",
      "3 unknown parameter serverr; did you mean server?",
      "4 unknown parameter scorring; did you mean scoring?",
    ]);
  });

  it("warns of parameters that the provider does not read, and asks plug-ins nothing that they do not say", () => {
    const plugin: Provider = { name: "mine", connect: (target) => bm25().connect({ ...target, model: "default" }) };
    const { warnings, entries } = prepareModels(
      [
        entry("a", "cohere/x", { api_base: "http://localhost:1", region_name: "eu" }),
        entry("b", "mine/x", { anything: 1 }),
      ],
      [...providers, plugin],
      place,
    );
    expect(entries).toHaveLength(2);
    expect(warnings).toEqual([
      "config.yaml:1 a has the parameter region_name, which the provider cohere does not read",
    ]);
  });

  it("takes no parameter of LiteLLM for a slip of another, and knows those that LiteLLM has for its providers", async () => {
    const prefixes = ["bedrock", "local", "vertex_ai", "watsonx", "azure_ai", "volcengine"];
    const { providers: optional } = await loadOptionalProviders(prefixes, { environment: {} });
    const all = new Map([...providers, ...optional].map((provider) => [provider.name, provider.optionNames ?? []]));
    // Core reads the first, and the second stands in LiteLLM's code, where nobody writes it.
    const names = (litellmSettingNames["litellm_params"] ?? []).filter(
      (name) => !["model", "acompletion"].includes(name),
    );
    for (const [provider, own] of all)
      for (const name of names)
        if (!own.includes(name)) expect([provider, name, nearMiss(name, own)]).toEqual([provider, name, undefined]);
    expect(all.get("bedrock")).toEqual(
      expect.arrayContaining([
        "aws_access_key_id",
        "aws_secret_access_key",
        "aws_session_token",
        "aws_region_name",
        "aws_profile_name",
        "aws_role_name",
        "aws_session_name",
        "aws_web_identity_token",
        "aws_sts_endpoint",
        "aws_external_id",
        "aws_bedrock_runtime_endpoint",
      ]),
    );
    expect(all.get("vertex_ai")).toEqual(
      expect.arrayContaining([
        "vertex_project",
        "vertex_ai_project",
        "vertex_location",
        "vertex_credentials",
        "vertex_ai_credentials",
      ]),
    );
    expect(all.get("watsonx")).toEqual(
      expect.arrayContaining([
        "project_id",
        "watsonx_project",
        "space_id",
        "token",
        "zen_api_key",
        "wx_credentials",
        "api_version",
      ]),
    );
    expect(all.get("azure_ai")).toEqual(
      expect.arrayContaining(["tenant_id", "client_id", "client_secret", "azure_ad_token"]),
    );
  });

  it("does not serve a deployment whose server is not named, and never elsewhere", () => {
    const { entries, warnings, served } = prepare(
      entry("a", "hosted_vllm/x", { api_key: "secret" }),
      entry("b", "bm25/default"),
    );
    expect(entries.map(({ dheera_ai_params: { model } }) => model)).toEqual([
      "unavailable/hosted_vllm/x",
      "bm25/default",
    ]);
    expect(served[0]?.unavailable).toContain("HOSTED_VLLM_API_BASE");
    expect(warnings).toEqual([
      "config.yaml:1 a cannot serve: hosted_vllm needs the address of the server: set api_base, or HOSTED_VLLM_API_BASE",
    ]);
  });

  it("does not serve entries whose package is not installed, and says what to install", () => {
    const reason = "model bedrock/… needs the package @dheera-ai/bedrock: npm install @dheera-ai/bedrock";
    const models = [
      entry("a", "bedrock/amazon.rerank-v1:0", { aws_region_name: "wrong region" }),
      entry("b", "bm25/default"),
    ];
    const { entries, served, warnings } = prepareModels(models, providers, place, {
      lackingOf: ({ model }) => (model.startsWith("bedrock/") ? reason : undefined),
    });
    expect(entries.map(({ dheera_ai_params: { model } }) => model)).toEqual([
      "unavailable/bedrock/amazon.rerank-v1:0",
      "bm25/default",
    ]);
    expect(served[0]?.unavailable).toBe(reason);
    expect(warnings).toEqual([`config.yaml:1 a cannot serve: ${reason}`]);
  });

  it("says loudly that nothing is served", () => {
    expect(prepare(entry("chat", "openai/gpt-4o")).warnings.at(-1)).toBe(
      "NOTHING IS SERVED: no entry of model_list (there are 1) can rerank here",
    );
  });

  it("does not call a name unserved that another entry serves", () => {
    expect(prepare(entry("a", "openai/x"), entry("a", "bm25/default")).unserved.size).toBe(0);
  });

  it("finds every entry that its provider refuses, and ids that stand twice", () => {
    const twice = { model_info: { id: "same" } };
    const error = failure(() =>
      prepare(
        { ...entry("a", "bm25/other"), ...twice },
        { ...entry("b", "bm25/default"), ...twice },
        entry("c", "cohere/x", { api_base: "nonsense" }),
      ),
    );
    expect(error instanceof ConfigError && error.problems).toEqual([
      expect.objectContaining({ line: 1, message: expect.stringContaining('"other" is not known') }),
      expect.objectContaining({ line: 2, message: "model_info.id same stands at another entry already" }),
      expect.objectContaining({ line: 3, message: expect.stringContaining("api_base must be a URL") }),
    ]);
  });
});

describe("prepareModels, where models ask others", () => {
  const bm25Entry = entry("bm25", "bm25/default");
  const cascade = entry("both", "cascade/both", { stages: [{ model: "bm25", keep: 20 }, { model: "best" }] });

  it("serves them, and what they name may be an alias or stand under an asterisk", () => {
    const { entries, warnings } = prepareModels([bm25Entry, entry("cohere/*", "cohere/*"), cascade], providers, place, {
      combinations,
      router: { model_group_alias: { best: "cohere/rerank-v4.0" } },
    });
    expect(entries.map(({ model_name }) => model_name)).toEqual(["bm25", "cohere/*", "both"]);
    expect(warnings).toEqual([]);
  });

  it.each([
    [cascade, 'model: cascade/both asks the model "best", which no entry of model_list serves; there are: bm25, other'],
    [entry("both", "cascad/x", { stages: [] }), "there is no provider cascad; did you mean cascade/…?"],
    [
      entry("both", "fusion/x", { models: ["bm25", "other"], on_model_eror: "fail" }),
      "unknown parameter on_model_eror; did you mean on_model_error?",
    ],
    [
      entry("both", "fusion/x", { models: ["bm25", "other"], rpm: 5 }),
      "rpm: fusion/x asks other models and calls no server of its own; set rpm at those models",
    ],
    [
      entry("both", "split/x", { split: { bm25: -1, other: 1 } }),
      "split.bm25: must be a number from 0 to 1000000: its share of the sessions",
    ],
    [
      entry("both", "cascade/x", { stages: [{ model: "bm25", kep: 3 }, { model: "other" }] }),
      "stages[0].kep: is not known here; a stage has model, keep, stop_when_margin and stop_when_score",
    ],
    [entry("both", "fusion/x", { models: ["bm25", "both"] }), "model: fusion/x leads back to itself: both → both"],
    [
      entry("bm25", "fusion/x", { models: ["other", "input_order"] }),
      "model_name: bm25 stands at another entry too; a model that asks others has its name for itself",
    ],
    [
      entry("bm25*", "fusion/x", { models: ["other", "bm25"] }),
      "model_name: bm25* asks other models, so that it needs a name of its own, without an asterisk",
    ],
  ])("says at its place what is wrong with %o", (wrong, message) => {
    const error = failure(() =>
      prepareModels([bm25Entry, entry("other", "bm25/default"), wrong], providers, place, { combinations }),
    );
    expect(
      error instanceof ConfigError && error.problems.map((problem) => `${problem.line} ${problem.message}`),
    ).toEqual(expect.arrayContaining([expect.stringContaining(`3 ${message}`)]));
  });

  it("does not say of a model that is refused itself that it is not there", () => {
    const error = failure(() =>
      prepareModels([bm25Entry, entry("best", "bm25/wrong"), cascade], providers, place, { combinations }),
    );
    expect(error instanceof ConfigError && error.problems.map(({ line }) => line)).toEqual([2]);
  });
});

function prepare(...models: readonly ConfiguredModel[]): PreparedModels {
  return prepareModels(models, providers, place);
}

function entry(model_name: string, model: string, params: Readonly<Record<string, unknown>> = {}): ConfiguredModel {
  return { model_name, dheera_ai_params: { model, ...params } };
}

function failure(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("all entries were taken");
}
