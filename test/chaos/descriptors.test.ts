import { Agent, type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

import { type ProxyProcess, startProgram } from "../support/proxy-process.ts";
import { createFolder } from "../support/temporary-folder.ts";

const command = fileURLToPath(new URL("../../apps/cli/bin/dheera_ai.js", import.meta.url));
const exhaust = fileURLToPath(new URL("./exhaust-descriptors.ts", import.meta.url));
const documents = ["a needle", "hay"];
/** Each needs a module or a file that nothing before it needed. */
const paths = ["/health/readiness", "/rerank", "/", "/docs", "/openapi.json", "/metrics"];

describe("with 64 file descriptors", () => {
  it("clients that hold 100 connections leave enough to serve, while they do and afterwards", async () => {
    await using proxy = await start();
    const kept = new Agent({ keepAlive: true, maxSockets: 1 });
    expect((await ask(proxy.url, "/health/liveness", kept)).status).toBe(200);
    const idle = Array.from({ length: 100 }, () => connect(Number(new URL(proxy.url).port), "127.0.0.1"));
    for (const socket of idle) socket.on("error", () => {});
    await expect.poll(() => idle.filter((socket) => socket.closed).length).toBeGreaterThan(50);
    expect(proxy.output()).toContain("raise the limit of file descriptors");

    for (const path of paths) expect(await ask(proxy.url, path, kept), path).toMatchObject({ status: 200 });
    for (const socket of idle) socket.destroy();
    kept.destroy();
    for (const path of paths)
      await expect.poll(() => ask(proxy.url, path).catch(() => {}), { message: path }).toMatchObject({ status: 200 });
  });

  it("a shortage that nobody could prevent makes readiness say no, and ends with its cause", async () => {
    await using proxy = await start("--import", exhaust);
    const kept = new Agent({ keepAlive: true, maxSockets: 1 });
    expect((await ask(proxy.url, "/health/readiness", kept)).status).toBe(200);
    proxy.signal("SIGUSR2");
    await expect.poll(() => proxy.output()).toContain("EXHAUSTED");
    expect(await ask(proxy.url, "/health/readiness", kept)).toEqual({
      status: 503,
      body: JSON.stringify({ status: "unable", reason: "no file descriptors are left; raise the limit (ulimit -n)" }),
    });
    for (const path of paths.slice(1)) expect(await ask(proxy.url, path, kept), path).toMatchObject({ status: 200 });

    proxy.signal("SIGUSR2");
    await expect.poll(() => proxy.output()).toContain("RELEASED");
    for (const path of paths) expect(await ask(proxy.url, path, kept), path).toMatchObject({ status: 200 });
    kept.destroy();
  });
});

async function start(...options: readonly string[]): Promise<ProxyProcess & AsyncDisposable> {
  const folder = await createFolder({
    "config.yaml": "model_list: [{ model_name: words, dheera_ai_params: { model: bm25/default } }]",
  });
  const words = [process.execPath, ...options, command, "--config", `${folder.path}/config.yaml`];
  const program = [...words, "--host", "127.0.0.1", "--port", "0"].map((word) => `'${word}'`).join(" ");
  const proxy = await startProgram("/bin/sh", ["-c", `ulimit -n 64; exec ${program}`]);
  return {
    ...proxy,
    async [Symbol.asyncDispose]() {
      await proxy.stop();
      await folder[Symbol.asyncDispose]();
    },
  };
}

function ask(url: string, path: string, agent?: Agent): Promise<{ readonly status: number; readonly body: string }> {
  const isRerank = path === "/rerank";
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const asking = request(url + path, { ...(agent && { agent }), method: isRerank ? "POST" : "GET" }, resolve);
  asking.on("error", reject);
  asking.end(isRerank ? JSON.stringify({ model: "words", query: "needle", documents }) : undefined);
  return promise.then(async (answer) => ({ status: answer.statusCode ?? 0, body: await text(answer) }));
}
