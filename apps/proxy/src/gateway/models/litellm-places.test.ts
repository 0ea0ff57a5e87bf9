import { type Transport, createDheera } from "@dheera-ai/core";
import { defaultProvider, officialProviders } from "dheera-ai";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { otherPurposes } from "../../config/read/litellm-providers.ts";
import { parseConfig } from "../../config/parse-config.ts";
import { prepareModels } from "./prepare-models.ts";
import { unavailableProvider } from "./unavailable.ts";

/** The hosts of LiteLLM's rerank providers, from their documentation; without one the address has to be named. */
const ownHosts: Readonly<Record<string, string | undefined>> = {
  cohere: "api.cohere.com",
  jina_ai: "api.jina.ai",
  voyage: "api.voyageai.com",
  together_ai: "api.together.ai",
  fireworks_ai: "api.fireworks.ai",
  deepinfra: "api.deepinfra.com",
  nvidia_nim: "ai.api.nvidia.com",
  dashscope: "dashscope.aliyuncs.com",
  qwencloud: "dashscope-intl.aliyuncs.com",
  qwen_ai_platform: "dashscope.aliyuncs.com",
  scaleway: "api.scaleway.ai",
  huggingface: "router.huggingface.co",
  azure_ai: undefined,
  hosted_vllm: undefined,
  infinity: undefined,
  litellm_proxy: undefined,
};
const others = [...otherPurposes.keys()];

/** Addresses and keys of the environment that belong to other prefixes than the one that is asked. */
function foreignVariables(prefix: string): Record<string, string> {
  const foreign = Object.keys(ownHosts).filter((other) => other !== prefix);
  const bases = foreign.map((name) => [`${name.toUpperCase()}_API_BASE`, `https://${name.replaceAll("_", "-")}.test`]);
  const keys = foreign.map((name) => [`${name.toUpperCase()}_API_KEY`, `key-of-${name}`]);
  return Object.fromEntries([...bases, ...keys]);
}

describe("the documents of a model with any prefix of LiteLLM", () => {
  it("go to its api_base, to its provider's own host, or nowhere", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.constantFrom(...Object.keys(ownHosts)), fc.constantFrom(...others)),
        fc.constantFrom("bge-reranker-base", "org/bge-reranker-base", "gpt-4o", "some-model", "cohere/rerank-x"),
        fc.constantFrom(undefined, "http://mine.test", "http://mine.test/v1"),
        fc.constantFrom(undefined, "rerank", "chat"),
        fc.boolean(),
        async (prefix, name, apiBase, mode, asParameter) => {
          const params = {
            ...(asParameter ? { model: name, custom_llm_provider: prefix } : { model: `${prefix}/${name}` }),
            ...(apiBase !== undefined && { api_base: apiBase }),
            api_key: "key-of-the-deployment",
          };
          const entry = { model_name: "m", litellm_params: params, ...(mode && { model_info: { mode } }) };
          const calls = await callsOf(entry, foreignVariables(prefix));
          const expected = apiBase === undefined ? ownHosts[prefix] : "mine.test";
          expect([...new Set(calls.map(({ host }) => host))].filter((host) => host !== expected)).toEqual([]);
          expect(calls.filter(({ key }) => key !== "key-of-the-deployment")).toEqual([]);
          const isReranker = mode === "rerank" || (mode === undefined && name.includes("rerank"));
          if (isReranker && prefix in ownHosts && expected !== undefined) expect(calls.length).toBeGreaterThan(0);
          if (mode === "chat") expect(calls).toEqual([]);
          if (mode !== "rerank" && !(prefix in ownHosts)) expect(calls).toEqual([]);
        },
      ),
      { numRuns: 400 },
    );
  });
});

/** The hosts that are called, each with its key, when a configuration with this entry alone serves one request. */
async function callsOf(
  entry: object,
  environment: Readonly<Record<string, string>>,
): Promise<readonly { readonly host: string; readonly key: string | undefined }[]> {
  const calls: { host: string; key: string | undefined }[] = [];
  const transport: Transport = {
    fetch: async (input, init) => {
      const { url, headers } = new Request(input, init);
      calls.push({ host: new URL(url).host, key: headers.get("authorization")?.replace(/^bearer /i, "") });
      return Response.json({ message: "nothing is here" }, { status: 400 });
    },
  };
  // JSON is YAML.
  const { config } = parseConfig(JSON.stringify({ model_list: [entry] }), { file: "config.yaml", environment });
  const providers = [...officialProviders({ environment }), unavailableProvider];
  const place = (position: number, message: string) => ({ file: "", line: position, column: 0, key: "", message });
  const { entries } = prepareModels(config.model_list, providers, place);
  if (entries.length === 0) return calls;
  await using dheera = createDheera({
    providers,
    defaultProvider,
    transport,
    model_list: entries,
    router_settings: { num_retries: 0 },
  });
  await dheera.rerank({ model: "m", query: "q", documents: ["a"] }).catch(() => {});
  return calls;
}
