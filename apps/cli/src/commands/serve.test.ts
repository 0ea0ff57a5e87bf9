import { writeFile } from "node:fs/promises";

import { describe, expect, it } from "vitest";

import { startProxy } from "../testing/processes.ts";
import { runInProcess } from "../testing/run-in-process.ts";
import { temporaryFile } from "../testing/temporary-file.ts";
import { startUpstream } from "../testing/upstream.ts";

const loopback = ["--host", "127.0.0.1", "--port", "0"];

function rerank(url: string, model: string): Promise<Response> {
  const body = JSON.stringify({ model, query: "capital", documents: ["a town", "the capital"] });
  return fetch(`${url}/v1/rerank`, { method: "POST", headers: { "content-type": "application/json" }, body });
}

/** Resolves when the proxy says that it is stopping, or takes no more connections. */
async function draining(url: string): Promise<void> {
  for (;;) {
    const response = await fetch(`${url}/health/readiness`).catch(() => undefined);
    if (!response?.ok) return;
  }
}

/** Resolves when the proxy serves a model of this name. */
async function served(url: string, model: string): Promise<void> {
  while ((await rerank(url, model)).status !== 200);
}

describe("dheera_ai --model", () => {
  it("serves one model under its name, and prints one line when it does, before it logs requests", async () => {
    await using proxy = await startProxy(["--model", "bm25/default", ...loopback]);
    expect(proxy.announcement).toMatch(/^RUNNING on http:\/\/127\.0\.0\.1:\d+$/);
    const response = await rerank(proxy.url, "bm25/default");
    expect(await response.json()).toMatchObject({ results: [{ index: 1 }, { index: 0 }] });
    const { code, stdout } = await proxy.stop();
    const [first, logged = "{}"] = stdout.split("\n");
    expect([code, first]).toEqual([0, proxy.announcement]);
    expect(JSON.parse(logged)).toMatchObject({ level: "info", method: "POST", status: 200 });
  });

  it("serves it under an alias, from the server of --api_base", async () => {
    await using upstream = await startUpstream();
    const args = ["--model", "huggingface/BAAI/bge-reranker-base", "--alias", "bge", "--api-base", upstream.url];
    await using proxy = await startProxy([...args, ...loopback]);
    const response = await rerank(proxy.url, "bge");
    expect(await response.json()).toMatchObject({ model: "bge", results: [{ index: 1 }, { index: 0 }] });
  });

  it("takes any name for a reranker's, where its provider has some", async () => {
    await using upstream = await startUpstream();
    const server = ["--alias", "m", "--api-base", upstream.url, ...loopback];
    await using proxy = await startProxy(["--model", "huggingface/org/some-instruct", ...server]);
    expect((await rerank(proxy.url, "m")).status).toBe(200);
    expect(await runInProcess(["--model", "ollama/any", ...server])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("ollama has no rerank API; serve the model with vLLM"),
    });
  });
});

describe("dheera_ai --config", () => {
  it.each(["SIGTERM", "SIGINT"] as const)(
    "finishes the requests in flight on %s, then exits with 0",
    async (signal) => {
      await using upstream = await startUpstream({ held: true });
      await using config = await temporaryFile(
        "config.yaml",
        `model_list: [{ model_name: bge, dheera_ai_params: { model: huggingface/BAAI/bge-reranker-base, api_base: "${upstream.url}" } }]`,
      );
      await using proxy = await startProxy(["--config", config.path, ...loopback]);
      const answer = rerank(proxy.url, "bge");
      await upstream.reached;
      const ended = proxy.stop(signal);
      await draining(proxy.url);
      upstream.release();
      expect((await answer).status).toBe(200);
      expect(await ended).toMatchObject({ code: 0 });
    },
  );

  it("applies a changed configuration on SIGHUP, and reports one that it cannot apply", async () => {
    const model = (name: string): string =>
      `model_list: [{ model_name: ${name}, dheera_ai_params: { model: bm25/default } }]`;
    await using config = await temporaryFile("config.yaml", model("first"));
    await using proxy = await startProxy(["--config", config.path, ...loopback]);
    await writeFile(config.path, model("second"));
    proxy.signal("SIGHUP");
    await served(proxy.url, "second");
    const printedError = proxy.printedError(/model_list/);
    await writeFile(config.path, "model_list: nonsense");
    proxy.signal("SIGHUP");
    await printedError;
    expect((await rerank(proxy.url, "second")).status).toBe(200);
  });

  it("lists every error of a configuration and exits with 2", async () => {
    await using config = await temporaryFile("config.yaml", "model_list:\n  - model_nam: a\ngeneral_setings: {}\n");
    for (const check of [[], ["--validate_config"]]) {
      const { code, stdout, stderr } = await runInProcess(["--config", config.path, ...check]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toMatch(/config\.yaml:2:.*model_name/);
      expect(stderr).toMatch(/config\.yaml:3:.*general_settings/);
    }
  });

  it("finds a certificate that cannot be read without serving, as the start would", async () => {
    await using config = await temporaryFile(
      "config.yaml",
      "model_list: [{ model_name: a, dheera_ai_params: { model: huggingface/m, api_base: 'http://localhost:9', ssl_verify: nowhere.pem } }]",
    );
    const { code, stderr } = await runInProcess(["--config", config.path, "--validate-config"]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/config\.yaml:1:\d+ .*ssl_verify: the file cannot be read/),
    });
  });

  it("names a local model that is not there, and the command that gets it", async () => {
    await using config = await temporaryFile(
      "config.yaml",
      "model_list: [{ model_name: a, dheera_ai_params: { model: local/acme/absent, warm: true } }]",
    );
    const { code, stderr } = await runInProcess(["--config", config.path, "--validate-config"], {
      environment: { HF_HUB_CACHE: config.path },
    });
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/config\.yaml:1 a cannot serve now: .*dheera_ai pull acme\/absent/),
    });
  });

  it("reports that a configuration is valid, and warns of what will not work", async () => {
    await using config = await temporaryFile(
      "config.yaml",
      "model_list: [{ model_name: a, dheera_ai_params: { model: bm25/default } }, { model_name: b, dheera_ai_params: { model: huggingface/m, api_key: os.environ/UNSET } }]",
    );
    const { code, stdout, stderr } = await runInProcess(["--config", config.path, "--validate-config"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${config.path} is valid: a, b\n` });
    expect(stderr).toMatch(/^warning: .*config\.yaml:1 .*UNSET.*not set/);
  });

  it("warns of names that are not known, and refuses them with --strict", async () => {
    await using config = await temporaryFile(
      "config.yaml",
      "model_list: [{ model_name: a, litellm_params: { model: bm25/default } }]\ngeneral_settings: { some_setting: 1 }\n",
    );
    const message = /config\.yaml:2.* general_settings\.some_setting:? is not known here and has no effect/;
    const lenient = await runInProcess(["--config", config.path, "--validate_config"]);
    expect(lenient).toMatchObject({ code: 0, stderr: expect.stringMatching(message) });
    for (const check of [["--validate_config"], [], ["--num_workers", "2"]]) {
      const strict = await runInProcess(["--config", config.path, "--strict", ...check]);
      expect(strict).toMatchObject({ code: 2, stdout: "", stderr: expect.stringMatching(message) });
    }
  });

  it("starts with a command line of LiteLLM, and says what has no effect", async () => {
    const flags = [
      "--run_gunicorn",
      "--max_requests_before_restart",
      "100",
      "--detailed_debug",
      "--request_timeout",
      "5",
    ];
    const printed = await runInProcess(["--model", "nope", ...flags]);
    expect(printed.stderr).toContain(
      "warning: --run_gunicorn has no effect here\nwarning: --max_requests_before_restart has no effect here\n",
    );
    expect(printed.stderr).not.toContain("unknown option");
  });

  it("gives requests no longer than --request_timeout", async () => {
    await using upstream = await startUpstream({ held: true });
    await using config = await temporaryFile(
      "config.yaml",
      `model_list: [{ model_name: bge, dheera_ai_params: { model: cohere/x, api_base: "${upstream.url}" } }]`,
    );
    await using proxy = await startProxy(["--config", config.path, "--request_timeout", "0.2", ...loopback]);
    expect((await rerank(proxy.url, "bge")).status).toBe(504);
    upstream.release();
  });

  it("does not call a configuration valid that serves nothing", async () => {
    await using config = await temporaryFile(
      "config.yaml",
      "model_list: [{ model_name: chat, litellm_params: { model: openai/gpt-4o } }]\n",
    );
    const { code, stdout, stderr } = await runInProcess(["--config", config.path, "--validate_config"]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain("NOTHING IS SERVED");
  });

  it("locates a plug-in that cannot be loaded", async () => {
    await using config = await temporaryFile(
      "config.yaml",
      "model_list: [{ model_name: a, dheera_ai_params: { model: bm25/default } }]\nplugins: [./absent.js]\n",
    );
    const { code, stderr } = await runInProcess(["--config", config.path, "--validate_config"]);
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/config\.yaml:2:\d+ .*absent\.js/),
    });
  });

  it("reports that another program listens on the port, and exits with 1", async () => {
    await using proxy = await startProxy(["--model", "bm25/default", ...loopback]);
    const { port } = new URL(proxy.url);
    const { code, stdout, stderr } = await runInProcess([
      "--model",
      "bm25/default",
      "--host",
      "127.0.0.1",
      "--port",
      port,
    ]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toBe(
      `dheera_ai: cannot listen on 127.0.0.1:${port}: another program listens there; stop it, or choose another port with --port\n`,
    );
  });

  it.each([
    [["--config", "a.yaml", "--model", "bm25/default"], "--config and --model both say what to serve"],
    [["--port", "4000"], "there is nothing to serve"],
    [["--validate_config"], "--validate_config wants a file"],
    [["--config", "absent.yaml"], "absent.yaml: there is no such file; dheera_ai init writes one"],
    [["--model", "nope", "--port", "0"], "nope names no provider (there are bm25, "],
    [["--model", "infinity/x", "--port", "0"], "infinity needs the address of the server: set api_base"],
    [["--model", "bm25/default", "--ssl_certfile_path", "a.pem"], "--ssl_keyfile_path go together; give both"],
    [["--model", "bm25/default", "--port", "65536"], "--port wants a whole number from 0 to 65535"],
    [["--model", "bm25/default", "--prot", "1"], "did you mean --port?"],
  ])("refuses %j", async (args, complaint) => {
    const { code, stdout, stderr } = await runInProcess(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(complaint);
  });
});
