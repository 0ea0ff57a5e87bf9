import { cp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

import { createFolder } from "../../../../test/support/temporary-folder.ts";

import { runInProcess } from "../testing/run-in-process.ts";
import { temporaryFile } from "../testing/temporary-file.ts";
import { startUpstream } from "../testing/upstream.ts";

function entry(name: string, base: string, key?: string): string {
  const params = {
    model: "huggingface/BAAI/bge-reranker-base",
    api_base: base,
    ...(key !== undefined && { api_key: key }),
  };
  return JSON.stringify({ model_name: name, dheera_ai_params: params });
}

function configOf(...entries: string[]): string {
  return `model_list: [${entries.join(", ")}]`;
}

describe("dheera_ai doctor", () => {
  it("reports state, limits and speed of a deployment, as JSON into a pipe", async () => {
    await using upstream = await startUpstream({ key: "secret" });
    await using config = await temporaryFile("config.yaml", configOf(entry("bge", upstream.url, "secret")));
    const { code, stdout, stderr } = await runInProcess(["doctor", "--config", config.path]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const sizes = [1, 8, 32, 128].map((documents) =>
      expect.objectContaining({ documents, calls: Math.ceil(documents / 32) }),
    );
    expect(JSON.parse(stdout)).toEqual([
      expect.objectContaining({
        model_name: "bge",
        model: "huggingface/BAAI/bge-reranker-base",
        api_base: upstream.url,
        reachable: true,
        state: "warm",
        auth: "accepted",
        server: expect.stringContaining("1.9.3"),
        score_kind: "probability",
        limits: expect.objectContaining({ documents_per_call: 32, tokens_per_document: 512, documents_in_flight: 512 }),
        throughput: sizes,
        score_difference: 0,
      }),
    ]);
    expect(stdout).not.toContain("secret");
  });

  it("examines what a model asks in its place", async () => {
    const fusion = "{ model_name: both, dheera_ai_params: { model: fusion/both, models: [words, input_order] } }";
    const words = "{ model_name: words, dheera_ai_params: { model: bm25/default } }";
    await using config = await temporaryFile("config.yaml", configOf(words, fusion));
    const { code, stdout, stderr } = await runInProcess(["doctor", "--config", config.path]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual([expect.objectContaining({ model_name: "words", reachable: true })]);
    expect(stderr).toBe("both asks other models of the configuration: they are what is examined\n");
  });

  it("reports each kind of failure, still examines the other deployments, and exits with 1", async () => {
    await using locked = await startUpstream({ key: "secret" });
    await using config = await temporaryFile(
      "config.yaml",
      configOf(
        entry("locked", locked.url, "wrong-key"),
        entry("absent", "http://127.0.0.1:9"),
        entry("unset", "http://127.0.0.1:9", "os.environ/UNSET"),
        '{ "model_name": "embedded", "dheera_ai_params": { "model": "bm25/default" } }',
        '{ "model_name": "foreign", "dheera_ai_params": { "model": "openai/gpt-5" } }',
      ),
    );
    const { code, stdout } = await runInProcess(["doctor", "--config", config.path]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual([
      expect.objectContaining({ model_name: "locked", reachable: false, auth: "refused" }),
      expect.objectContaining({
        model_name: "absent",
        reachable: false,
        error: expect.objectContaining({ code: "provider_unreachable" }),
      }),
      expect.objectContaining({
        model_name: "unset",
        reachable: false,
        error: expect.objectContaining({ message: expect.stringContaining("UNSET") }),
      }),
      expect.objectContaining({ model_name: "embedded", reachable: true }),
      expect.objectContaining({
        model_name: "foreign",
        reachable: false,
        error: expect.objectContaining({ code: "model_not_found" }),
      }),
    ]);
    expect(stdout).not.toContain("wrong-key");
  });

  it("waits for a server that is still starting, and reports it as cold", async () => {
    await using upstream = await startUpstream({ coldAnswers: 2 });
    await using config = await temporaryFile("config.yaml", configOf(entry("sleepy", upstream.url)));
    const { code, stdout } = await runInProcess(["doctor", "--config", config.path]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject([{ reachable: true, state: "cold", auth: "none" }]);
  });

  it("measures a model on this machine with the weights that are there, and draws what it found", async () => {
    await using folder = await createFolder();
    const fixture = fileURLToPath(
      new URL("../../../../packages/local/src/fixtures/models/cross-encoder", import.meta.url),
    );
    await cp(fixture, join(folder.path, "model"), { recursive: true });
    await cp(join(folder.path, "model/onnx/model.onnx"), join(folder.path, "model/onnx/model_quantized.onnx"));
    const config = join(folder.path, "config.yaml");
    await writeFile(
      config,
      "model_list: [{ model_name: tiny, dheera_ai_params: { model: local/./model, threads: 2 } }]",
    );
    const { code, stdout, stderr } = await runInProcess(["doctor", "--config", config]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject([
      {
        reachable: true,
        settings: [
          { file: "onnx/model.onnx", dtype: "fp32", threads: 2, isCurrent: true },
          { file: "onnx/model_quantized.onnx", dtype: "q8", threads: 2, score_difference: 0 },
          { threads: 1 },
        ],
      },
    ]);
    const drawn = await runInProcess(["doctor", "--config", config], { interactive: true, width: 160 });
    expect(drawn.stdout).toMatch(
      /^tiny on this machine +dtype +threads +documents a second +ready after +memory +scores differ by$/m,
    );
    expect(drawn.stdout).toMatch(/^onnx\/model\.onnx \(now\) +fp32 +2 +\d+ +\d+ ms +\d+ MB +–$/m);
  }, 120_000);

  it("draws tables on a terminal", async () => {
    await using upstream = await startUpstream();
    await using config = await temporaryFile(
      "config.yaml",
      configOf(entry("bge", upstream.url), entry("absent", "http://127.0.0.1:9")),
    );
    const setting = { interactive: true, width: 120 };
    const { code, stdout, stderr } = await runInProcess(["doctor", "--config", config.path], setting);
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    expect(stdout).toMatch(/^bge {5}warm .*1\.9\.3 .*none +probability +32 +512 +512$/m);
    expect(stdout).toMatch(/^absent {2}unreachable {2}http:\/\/127\.0\.0\.1:9/m);
  });

  it("examines one model name on request", async () => {
    await using config = await temporaryFile(
      "config.yaml",
      configOf(
        entry("absent", "http://127.0.0.1:9"),
        '{ "model_name": "b", "dheera_ai_params": { "model": "bm25/default" } }',
      ),
    );
    expect(await runInProcess(["doctor", "--config", config.path, "--model", "b"])).toMatchObject({ code: 0 });
    expect(await runInProcess(["doctor", "--config", config.path, "--model", "c"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("has the model name c"),
    });
  });

  it("gives up on a deployment that does not answer in time", async () => {
    await using upstream = await startUpstream({ held: true });
    await using config = await temporaryFile("config.yaml", configOf(entry("stuck", upstream.url)));
    const { code, stdout } = await runInProcess(["doctor", "--config", config.path, "--timeout", "0.2"]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject([{ reachable: false, error: { code: "timeout" } }]);
  });

  it("reports the line of the file where an entry is wrong", async () => {
    const wrong = "  - { model_name: b, dheera_ai_params: { model: bm25/default, language: klingon } }";
    await using config = await temporaryFile(
      "config.yaml",
      ["model_list:", "  - { model_name: a, dheera_ai_params: { model: bm25/default } }", wrong].join("\n"),
    );
    const { code, stdout, stderr } = await runInProcess(["doctor", "--config", config.path]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/config\.yaml:3:.*language/);
  });
});
