import { readFile } from "node:fs/promises";

import type { Transport } from "@dheera-ai/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type CheckedConfig } from "../config/check/check-config.ts";
import { parseConfig } from "../config/parse-config.ts";
import { type Gateway, createGateway } from "./gateway.ts";

/** Every key of the rerankers; those of the other models are not there. */
const environment = Object.fromEntries(
  [
    "COHERE_API_KEY",
    "AZURE_AI_API_KEY",
    "JINA_AI_API_KEY",
    "VOYAGE_TEAM_KEY",
    "TOGETHER_API_KEY",
    "FIREWORKS_API_KEY",
    "DEEPINFRA_API_KEY",
    "NVIDIA_NIM_API_KEY",
    "DASHSCOPE_API_KEY",
    "SCW_SECRET_KEY",
    "LITELLM_MASTER_KEY",
  ].map((name) => [name, `value-of-${name}`]),
);

/** Names of models that do not rerank, and part of the reason. */
const leftOut: readonly (readonly [name: string, reason: string])[] = [
  ["gpt-4o", "openai/… are chat and embedding models"],
  ["gpt-4o", "azure/… are chat and embedding models"],
  ["claude", "anthropic/… are chat and embedding models"],
  ["claude-bedrock", "is the name of another kind of model"],
  ["gemini", "is the name of another kind of model"],
  ["local-chat", "ollama_chat/… are chat and embedding models"],
  ["vllm-chat", "is the name of another kind of model"],
  ["gateway-chat", "its mode is chat"],
  ["router-chat", "is the name of another kind of model"],
  ["embeddings", "openai/… are chat and embedding models"],
  ["bge-m3", "its mode is embedding"],
  ["whisper", "its mode is audio_transcription"],
  ["search", "tavily/… are searches, stores and tools"],
  ["openai/*", "openai/… are chat and embedding models"],
];

/** Where each reranker's documents go, and the key that goes with them. */
const rerankers: readonly (readonly [name: string, url: string, key: string | null])[] = [
  ["rerank-cohere", "https://api.cohere.com/v2/rerank", "value-of-COHERE_API_KEY"],
  ["rerank", "https://api.cohere.com/v2/rerank", "value-of-COHERE_API_KEY"],
  ["rerank-azure", "https://team.services.ai.azure.com/providers/cohere/v2/rerank", "value-of-AZURE_AI_API_KEY"],
  ["rerank-jina", "https://api.jina.ai/v1/rerank", "value-of-JINA_AI_API_KEY"],
  ["rerank-voyage", "https://api.voyageai.com/v1/rerank", "value-of-VOYAGE_TEAM_KEY"],
  ["rerank-together", "https://api.together.ai/v1/rerank", "value-of-TOGETHER_API_KEY"],
  ["rerank-fireworks", "https://api.fireworks.ai/inference/v1/rerank", "value-of-FIREWORKS_API_KEY"],
  ["rerank-deepinfra", "https://api.deepinfra.com/v1/inference/Qwen/Qwen3-Reranker-0.6B", "value-of-DEEPINFRA_API_KEY"],
  [
    "rerank-nvidia",
    "https://ai.api.nvidia.com/v1/retrieval/nvidia/llama-3_2-nv-rerankqa-1b-v2/reranking",
    "value-of-NVIDIA_NIM_API_KEY",
  ],
  ["rerank-dashscope", "https://dashscope.aliyuncs.com/compatible-api/v1/reranks", "value-of-DASHSCOPE_API_KEY"],
  ["rerank-scaleway", "https://api.scaleway.ai/v1/rerank", "value-of-SCW_SECRET_KEY"],
  ["rerank-vllm", "http://vllm.internal:8001/rerank", null],
  ["rerank-infinity", "http://infinity.internal:7997/rerank", null],
  ["rerank-tei", "http://tei.internal:8081/rerank", null],
  ["rerank-proxy", "http://litellm.internal:4000/v1/rerank", "sk-proxy"],
  ["rerank-own", "http://own.internal/v1/rerank", "sk-own"],
  ["cohere/rerank-v4.0-fast", "https://api.cohere.com/v2/rerank", "value-of-COHERE_API_KEY"],
];

describe("a configuration that LiteLLM's users have", () => {
  const calls: { url: string; key: string | null }[] = [];
  const transport: Transport = {
    fetch: async (input, init) => {
      const { url, headers } = new Request(input, init);
      calls.push({ url, key: headers.get("authorization")?.replace("Bearer ", "") ?? null });
      return Response.json({ message: "nothing is here" }, { status: 400 });
    },
  };
  let checked: CheckedConfig;
  let gateway: Gateway;

  beforeAll(async () => {
    const text = await readFile(new URL("../config/fixtures/litellm-config.yaml", import.meta.url), "utf8");
    checked = parseConfig(text.replace("include: []\n", ""), { file: "config.yaml", environment });
    gateway = await createGateway(checked.config, {
      environment,
      transport,
      directory: import.meta.dirname,
      locateModelProblem: checked.locateModelProblem,
    });
  });

  afterAll(() => gateway.close());

  it("starts, and says once of each model that does not rerank why it is left out", () => {
    const warnings = gateway.warnings.filter((warning) => warning.includes("is not served"));
    expect(warnings).toEqual(
      leftOut.map(([name, reason]) =>
        expect.stringMatching(new RegExp(`^config\\.yaml:\\d+ ${name.replace("*", "\\*")} is not served: .*${reason}`)),
      ),
    );
    const others = [...checked.warnings, ...gateway.warnings].filter((warning) => !warnings.includes(warning));
    expect(others).toEqual([
      expect.stringMatching(/^config\.yaml:\d+ litellm_settings\.drop_params has no effect here$/),
    ]);
  });

  it("serves every reranker, and nothing else", () => {
    const written = checked.config.model_list.map(({ model_name }) => model_name);
    const without = new Set(leftOut.map(([name]) => name));
    expect(gateway.served.map(({ model_name }) => model_name)).toEqual(written.filter((name) => !without.has(name)));
    expect(gateway.served.filter(({ unavailable }) => unavailable !== undefined)).toEqual([]);
  });

  it.each(rerankers)("sends the documents of %s to %s", async (name, url, key) => {
    calls.length = 0;
    const request = { model: name, query: "q", documents: ["a", "b"], disable_fallbacks: true };
    await gateway.dheera.rerank(request).catch(() => {});
    expect(calls).toContainEqual({ url, key });
    const { origin } = new URL(url);
    expect([...new Set(calls.map((call) => new URL(call.url).origin))]).toEqual([origin]);
    expect(calls.every((call) => call.key === key)).toBe(true);
  });
});
