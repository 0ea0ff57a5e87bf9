import { describe, expect, it } from "vitest";

import { startProxy } from "../testing/processes.ts";
import { runInProcess } from "../testing/run-in-process.ts";
import { startUpstream } from "../testing/upstream.ts";
import { temporaryFile } from "../testing/temporary-file.ts";

const yaml = `
model_list:
  - model_name: bm25
    dheera_ai_params: { model: bm25/default }
  - model_name: bge
    dheera_ai_params: { model: huggingface/BAAI/bge-reranker-base, api_base: "http://127.0.0.1:9", api_key: very-secret }
`;

describe("dheera_ai models", () => {
  it("lists the models of a configuration, without keys", async () => {
    await using config = await temporaryFile("config.yaml", yaml);
    const { code, stdout } = await runInProcess(["models", "--config", config.path]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual([
      { model_name: "bm25", model: "bm25/default" },
      { model_name: "bge", model: "huggingface/BAAI/bge-reranker-base", api_base: "http://127.0.0.1:9" },
    ]);
  });

  it("draws a table on a terminal", async () => {
    await using config = await temporaryFile("config.yaml", yaml);
    const { stdout } = await runInProcess(["models", "--config", config.path], { interactive: true });
    expect(stdout.split("\n")).toEqual([
      "name  model                               server",
      "bm25  bm25/default",
      "bge   huggingface/BAAI/bge-reranker-base  http://127.0.0.1:9",
      "",
    ]);
  });

  it("names the models that one asks", async () => {
    const fusion = "  - { model_name: both, dheera_ai_params: { model: fusion/both, models: [bm25, bge] } }";
    await using config = await temporaryFile("config.yaml", `${yaml}${fusion}\n`);
    const { stdout } = await runInProcess(["models", "--config", config.path]);
    expect(JSON.parse(stdout)).toContainEqual({ model_name: "both", model: "fusion/both", members: ["bm25", "bge"] });
    const table = await runInProcess(["models", "--config", config.path], { interactive: true });
    expect(table.stdout).toMatch(/^both +fusion\/both +asks bm25, bge$/m);
  });

  it("lists the models of a running proxy", async () => {
    await using proxy = await startProxy([
      "--model",
      "bm25/default",
      "--alias",
      "lexical",
      "--host",
      "127.0.0.1",
      "--port",
      "0",
    ]);
    const { stdout } = await runInProcess(["models", "--api_base", `${proxy.url}/`]);
    expect(JSON.parse(stdout)).toEqual([{ model_name: "lexical" }]);
  });

  it("sends a proxy the key of DHEERA_AI_API_KEY", async () => {
    await using config = await temporaryFile(
      "config.yaml",
      `${yaml}\ngeneral_settings: { master_key: sk-of-the-proxy }`,
    );
    await using proxy = await startProxy(["--config", config.path, "--host", "127.0.0.1", "--port", "0"]);
    const environment = { DHEERA_AI_API_KEY: "sk-of-the-proxy" };
    const { stdout } = await runInProcess(["models", "--api_base", proxy.url], { environment });
    expect(JSON.parse(stdout)).toEqual([{ model_name: "bm25" }, { model_name: "bge" }]);
    const ranked = await runInProcess(
      ["rerank", "--api_base", proxy.url, "-m", "bm25", "-q", "a cat", "the dog", "the cat"],
      { environment },
    );
    expect(JSON.parse(ranked.stdout)).toMatchObject({ results: [{ index: 1 }, { index: 0 }] });
  });

  it("lists every model that is known, with context, scale and price", async () => {
    const { code, stdout } = await runInProcess(["models", "--known"]);
    expect(code).toBe(0);
    const known: unknown = JSON.parse(stdout);
    expect(known).toContainEqual({
      model: "voyage/rerank-3-lite",
      provider: "Voyage AI",
      context: 32_000,
      documents_per_call: 1_000,
      tokens_per_call: 600_000,
      score_kind: "probability",
      scoring: "pointwise",
      billing: "per-token",
      price: { per_million_tokens: 0.02, date: "2026-11-25", source: "LiteLLM's price map 1.110.2" },
    });
    expect(known).toContainEqual(
      expect.objectContaining({ model: "bedrock/amazon.rerank-v1:0", package: "@dheera-ai/bedrock" }),
    );
  });

  it("draws them as a table on a terminal", async () => {
    const { stdout } = await runInProcess(["models", "--known"], { interactive: true, width: 300 });
    const lines = stdout.split("\n").map((line) => line.replaceAll(/ +/g, " "));
    expect(lines[0]).toBe("model context scores price remarks");
    expect(lines).toContain("cohere/rerank-v4.0-pro 32,768 probability $0.0025/search");
    expect(lines).toContain("jina_ai/jina-reranker-v3.5 131,072 cosine $0.05/M tokens listwise");
    expect(lines).toContain("pinecone/bge-reranker-v2-m3 1,024 probability unknown");
    expect(lines).toContain(
      "watsonx/cross-encoder/ms-marco-minilm-l-12-v2 512 logit unknown npm install @dheera-ai/watsonx",
    );
    expect(lines).toContain(
      "local/cross-encoder/ms-marco-MiniLM-L6-v2 512 probability npm install @dheera-ai/local onnxruntime-node tokenizers",
    );
  });

  it("does not mix what is known with the models of a configuration", async () => {
    expect(await runInProcess(["models", "--known", "--config", "c.yaml"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--known lists what is known of all providers"),
    });
  });

  it("passes on why a proxy refuses, and says where", async () => {
    await using config = await temporaryFile(
      "config.yaml",
      `${yaml}\ngeneral_settings: { master_key: sk-of-the-proxy }`,
    );
    await using proxy = await startProxy(["--config", config.path, "--host", "127.0.0.1", "--port", "0"]);
    expect(await runInProcess(["models", "--api_base", proxy.url, "--api_key", "sk-other"])).toMatchObject({
      code: 1,
      stderr: `dheera_ai: the key is not known: check it, or ask the operator for one\n  at ${proxy.url}/v1/models (HTTP 401 unauthenticated)\n`,
    });
  });

  it("reports a proxy that cannot be reached, and a command line that names none", async () => {
    const unreachable = await runInProcess(["models", "--api_base", "http://127.0.0.1:9"]);
    expect(unreachable).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringContaining("http://127.0.0.1:9 could not be reached"),
    });
    await using other = await startUpstream();
    expect(await runInProcess(["models", "--api_base", other.url])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("does not know this path or model; check api_base"),
    });
    expect(await runInProcess(["models"])).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringContaining("--config FILE or --api_base URL"),
    });
  });
});
