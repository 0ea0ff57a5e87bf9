import { spawn } from "node:child_process";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";

import { describe, expect, it } from "vitest";

import { type RunningEngine, engineArguments, sendTo, startEngine } from "../testing/engine.ts";
import { sendRanking, startScriptedServer } from "../testing/scripted-server.ts";
import { temporaryFile } from "../testing/temporary-file.ts";

const local = { model: "bm25/default", query: "capital", documents: ["a town", "the capital"] };

/** A request to a server that the environment or the request names. */
function remote(fields: object = {}): object {
  return { ...local, model: "dheera_ai/reranker", ...fields };
}

describe("the engine", () => {
  it("ranks on a socket that only its user may open, and says how it is", async () => {
    await using engine = await startEngine();
    const { mode } = await stat(engine.address);
    expect(mode & 0o777).toBe(0o600);
    const { status, body } = await engine.send("POST /rerank", { body: local });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id: expect.any(String),
      model: "bm25/default",
      results: [{ index: 1 }, { index: 0 }],
    });
    expect(await engine.send("GET /health")).toMatchObject({
      status: 200,
      body: { pid: engine.child.pid, version: expect.stringMatching(/^\d/), requests: 0 },
    });
  });

  it("answers errors with code, field, provider and the time to wait", async () => {
    await using upstream = await startScriptedServer((_request, response) =>
      response.writeHead(429, { "retry-after": "7" }).end(),
    );
    await using config = await temporaryFile(
      "config.yaml",
      JSON.stringify({
        model_list: [
          { model_name: "limited", dheera_ai_params: { model: "cohere/rerank", api_base: upstream.url, api_key: "k" } },
        ],
        router_settings: { num_retries: 0 },
      }),
    );
    await using engine = await startEngine({ launch: { config: config.path } });
    expect((await engine.send("GET /models")).body).toEqual({ models: ["limited"] });

    const limited = await engine.send("POST /rerank", { body: { ...local, model: "limited" } });
    expect(limited.status).toBe(429);
    expect(limited.headers["retry-after"]).toBe("7");
    expect(limited.body).toMatchObject({
      id: expect.any(String),
      error: { code: "provider_rate_limited", type: "upstream_error", param: null, provider: "cohere" },
    });

    const wrong = await engine.send("POST /rerank", { body: { ...local, documents: [] } });
    expect(wrong.status).toBe(400);
    expect(wrong.body).toMatchObject({ error: { code: "invalid_request", param: "documents", provider: null } });
    expect(wrong.body).toHaveProperty("message", expect.stringContaining("documents"));
  });

  it("refuses what is no JSON without repeating it, what is too large before it is sent, and other routes", async () => {
    await using engine = await startEngine();
    const broken = await engine.send("POST /rerank", { body: '{ "query": "secret' });
    expect(broken).toMatchObject({ status: 400, body: { error: { code: "invalid_request" } } });
    expect(JSON.stringify(broken.body)).not.toContain("secret");
    const large = await engine.send("POST /rerank", { headers: { "content-length": 600_000_000 }, body: "[" });
    expect(large).toMatchObject({ status: 413, body: { error: { code: "request_too_large" } } });
    expect(await engine.send("GET /secret")).toMatchObject({
      status: 400,
      body: { error: { code: "invalid_request" } },
    });
    // Its connection served others.
    expect(await engine.send("POST /rerank", { body: local })).toMatchObject({ status: 200 });
  });

  it("cancels the call to the server when its client goes away", async () => {
    const begun = Promise.withResolvers<void>();
    const left = Promise.withResolvers<void>();
    await using upstream = await startScriptedServer((_request, response) => {
      response.once("close", left.resolve);
      begun.resolve();
    });
    await using engine = await startEngine();
    const client = new AbortController();
    const sent = engine.send("POST /rerank", { body: remote({ api_base: upstream.url }), signal: client.signal });
    await begun.promise;
    client.abort();
    await expect(sent).rejects.toThrow("aborted");
    await left.promise;
    await expect.poll(async () => (await engine.send("GET /health")).body).toMatchObject({ requests: 0 });
  });

  it("serves later requests in the environment that is put, while earlier ones keep theirs", async () => {
    const keys: (string | undefined)[] = [];
    const first = Promise.withResolvers<void>();
    const changed = Promise.withResolvers<void>();
    await using upstream = await startScriptedServer((request, response) => {
      keys.push(request.headers.authorization);
      first.resolve();
      void changed.promise.then(() => sendRanking(response));
    });
    const environment = { DHEERA_AI_API_BASE: upstream.url, DHEERA_AI_API_KEY: "old" };
    await using engine = await startEngine({ environment });
    const earlier = engine.send("POST /rerank", { body: remote() });
    await first.promise;
    const put = await engine.send("PUT /environment", { body: { ...environment, DHEERA_AI_API_KEY: "new" } });
    expect(put.status).toBe(204);
    changed.resolve();
    expect((await earlier).status).toBe(200);
    expect((await engine.send("POST /rerank", { body: remote() })).status).toBe(200);
    expect(keys).toEqual(["Bearer old", "Bearer new"]);
  });

  it("keeps its environment when it is sent one that cannot be used", async () => {
    await using engine = await startEngine();
    const wrong = await engine.send("PUT /environment", { body: { SSL_CERT_FILE: "/nonexistent/authority.pem" } });
    expect(wrong).toMatchObject({ status: 400, body: { message: expect.stringContaining("SSL_CERT_FILE") } });
    expect(await engine.send("PUT /environment", { body: { HF_TOKEN: 1 } })).toMatchObject({ status: 400 });
    expect(await engine.send("POST /rerank", { body: local })).toMatchObject({ status: 200 });
  });

  it.each(["without a configuration", "with one"])("sends a request's trace on to the server, %s", async (way) => {
    const traces: unknown[] = [];
    await using upstream = await startScriptedServer(({ headers: { traceparent, tracestate } }, response) => {
      traces.push({ traceparent, tracestate });
      sendRanking(response);
    });
    const dheera_ai_params = { model: "dheera_ai/reranker", api_base: upstream.url, api_key: "k" };
    await using config = await temporaryFile(
      "config.yaml",
      JSON.stringify({ model_list: [{ model_name: "reranker", dheera_ai_params }] }),
    );
    const isConfigured = way === "with one";
    await using engine = await startEngine(isConfigured ? { launch: { config: config.path } } : {});
    const body = isConfigured ? remote({ model: "reranker" }) : remote({ api_base: upstream.url });
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const headers = { traceparent, tracestate: "vendor=1" };
    expect(await engine.send("POST /rerank", { body, headers })).toMatchObject({ status: 200 });
    expect(await engine.send("POST /rerank", { body })).toMatchObject({ status: 200 });
    expect(traces).toEqual([{ traceparent, tracestate: "vendor=1" }, {}]);
  });

  it("demands its key on a port", async () => {
    const key = "k".repeat(64);
    await using engine = await startEngine({ launch: { host: "127.0.0.1", key } });
    expect(engine.address).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const right = { authorization: `Bearer ${key}` };
    expect(await engine.send("POST /rerank", { body: local, headers: right })).toMatchObject({ status: 200 });
    for (const headers of [{}, { authorization: `Bearer ${key}k` }, { authorization: key }])
      expect(await engine.send("POST /rerank", { body: local, headers })).toMatchObject({
        status: 401,
        body: { error: { code: "unauthenticated" } },
      });
  });

  it("logs what happens to requests as JSON lines, without keys and texts", async () => {
    await using upstream = await startScriptedServer((_request, response) => response.writeHead(500).end());
    const dheera_ai_params = { model: "dheera_ai/reranker", api_base: upstream.url, api_key: "secret-key" };
    await using config = await temporaryFile(
      "config.yaml",
      JSON.stringify({
        model_list: [
          { model_name: "reranker", dheera_ai_params },
          { model_name: "words", dheera_ai_params: { model: "bm25/default" } },
        ],
        router_settings: { num_retries: 0, fallbacks: [{ reranker: ["words"] }] },
      }),
    );
    await using engine = await startEngine({ launch: { config: config.path } });
    const body = remote({ model: "reranker", query: "secret query" });
    expect(await engine.send("POST /rerank", { body })).toMatchObject({ status: 200 });
    engine.child.stdin.end();
    const { stderr } = await engine.ended;
    const lines = stderr
      .trim()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
    expect(lines).toContainEqual(
      expect.objectContaining({
        level: "warning",
        message: "reranker could not serve, falling back to words",
        event: "fallback",
        call_id: expect.any(String),
      }),
    );
    expect(stderr).not.toContain("secret");
  });

  it.each([
    ["a configuration that is wrong", { config: "/nonexistent/config.yaml" }, /there is no such file/],
    ["a key that is too short", { host: "127.0.0.1", key: "short" }, /first line/],
    ["an address that others reach", { host: "0.0.0.0", key: "k".repeat(64) }, /first line/],
  ])("refuses %s on standard output, and ends", async (_case, launch, message) => {
    await expect(startEngine({ launch })).rejects.toThrow(message);
  });
});

/** An engine whose request waits for a server. */
async function busyEngine(): Promise<AsyncDisposable & { engine: RunningEngine; left: Promise<void> }> {
  const begun = Promise.withResolvers<void>();
  const left = Promise.withResolvers<void>();
  const upstream = await startScriptedServer((_request, response) => {
    response.once("close", left.resolve);
    begun.resolve();
  });
  const engine = await startEngine();
  engine.send("POST /rerank", { body: remote({ api_base: upstream.url }) }).catch(() => {});
  await begun.promise;
  return {
    engine,
    left: left.promise,
    async [Symbol.asyncDispose]() {
      await engine[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

describe("the engine's end", () => {
  it.each([
    ["standard input ends", (engine: RunningEngine) => void engine.child.stdin.end()],
    ["SIGTERM asks for it", (engine: RunningEngine) => void engine.child.kill("SIGTERM")],
  ])("comes when %s, and takes calls and the socket with it", async (_case, end) => {
    await using busy = await busyEngine();
    end(busy.engine);
    expect((await busy.engine.ended).code).toBe(0);
    await busy.left;
    await expect(stat(busy.engine.address)).rejects.toThrow("ENOENT");
  });

  it("does not come with the signals of a terminal, which the parent answers", async () => {
    await using engine = await startEngine();
    engine.child.kill("SIGINT");
    engine.child.kill("SIGHUP");
    expect(await engine.send("POST /rerank", { body: local })).toMatchObject({ status: 200 });
  });

  it("comes when its parent is killed, also where another process holds standard input open", async () => {
    await using program = await temporaryFile("parent.mjs", parentProgram);
    const socket = join(program.path, "../engine.sock");
    const launch = JSON.stringify({ socket });
    const parent = spawn(process.execPath, [program.path, launch, ...engineArguments], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const lines = createInterface({ input: parent.stdout })[Symbol.asyncIterator]();
    const holder = Number((await lines.next()).value);
    try {
      expect(JSON.parse((await lines.next()).value ?? "")).toEqual({ ready: true, address: socket });
      expect(await sendTo(socket, "POST /rerank", { body: local })).toMatchObject({ status: 200 });
      // The engine holds standard error too: its end is the end of both.
      const ended = text(parent.stderr);
      parent.kill("SIGKILL");
      expect(await ended).toBe("");
      await expect(stat(socket)).rejects.toThrow("ENOENT");
    } finally {
      process.kill(holder, "SIGKILL");
    }
  });
});

/** Starts an engine, and a process that keeps the other end of its standard input, as a fork of the parent would. */
const parentProgram = `
  import { spawn } from "node:child_process";
  const [launch, ...engineArguments] = process.argv.slice(2);
  const engine = spawn(process.execPath, engineArguments, { stdio: ["pipe", "inherit", "inherit"] });
  const stays = ["-e", "setInterval(() => {}, 1_000_000)"];
  const holder = spawn(process.execPath, stays, { stdio: ["ignore", "ignore", "ignore", engine.stdin] });
  console.log(holder.pid);
  engine.stdin.write(launch + "\\n");
`;
