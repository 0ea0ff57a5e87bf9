import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

import { answerText, startAgent, startMs } from "../testing/mcp-client.ts";
import { startProxy } from "../testing/processes.ts";
import { startReranker } from "../testing/reranker.ts";
import { runInProcess } from "../testing/run-in-process.ts";
import { temporaryFile } from "../testing/temporary-file.ts";

const capital = {
  query: "What is the capital of the United States?",
  documents: ["Carson City is the capital city of Nevada.", "Washington, D.C. is the capital of the United States."],
};

function configOf(url: string): string {
  return `
model_list:
  - model_name: good
    dheera_ai_params: { model: cohere/rerank-v3.5, api_base: "${url}", api_key: upstream-key }
  - model_name: words
    dheera_ai_params: { model: bm25/default }
`;
}

describe.each(["legacy", "auto"] as const)("an agent whose client negotiates %s", (mode) => {
  it("ranks with nothing but the command", async () => {
    await using agent = await startAgent([], {}, mode);
    const { tools } = await agent.client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(["rerank", "list_models"]);
    const result = await agent.client.callTool({ name: "rerank", arguments: capital });
    expect(result.structuredContent).toMatchObject({ model: "bm25/default", results: [{ index: 1 }, { index: 0 }] });
    expect(agent.stderr()).toBe("");
  });

  it("cancels the call to the upstream with its own", async () => {
    await using upstream = await startReranker({ most: 0 });
    await using config = await temporaryFile("config.yaml", configOf(upstream.url));
    await using agent = await startAgent(["--config", config.path], {}, mode);
    const giveUp = new AbortController();
    const call = agent.client.callTool({ name: "rerank", arguments: capital }, { signal: giveUp.signal });
    const outcome = expect(call).rejects.toThrow();
    await expect.poll(() => upstream.connections()).toBe(1);
    giveUp.abort();
    await outcome;
    await expect.poll(() => upstream.connections()).toBe(0);
  });
});

it("offers the models of a configuration, with what is known of each", async () => {
  await using upstream = await startReranker();
  await using config = await temporaryFile("config.yaml", configOf(upstream.url));
  await using agent = await startAgent(["--config", config.path]);
  const { structuredContent } = await agent.client.callTool({ name: "list_models", arguments: {} });
  expect(structuredContent).toMatchObject({
    models: [
      { name: "good", is_default: true, context: 4_096, description: expect.stringContaining("Cohere") },
      { name: "words", is_default: false, description: expect.stringContaining("words") },
    ],
  });
  const byDefault = await agent.client.callTool({ name: "rerank", arguments: capital });
  expect(byDefault.structuredContent).toMatchObject({ model: "good", results: [{ index: 1 }, { index: 0 }] });
  expect(upstream.pairs).toHaveLength(2);
  const named = await agent.client.callTool({ name: "rerank", arguments: { ...capital, model: "words" } });
  expect(named.structuredContent).toMatchObject({ model: "words" });
});

it("offers the models of a running proxy, with the key of the environment", async () => {
  const master = "a-master-key-of-this-test";
  await using upstream = await startReranker();
  const withSlash = "  - model_name: team/words\n    dheera_ai_params: { model: bm25/default }\n";
  await using config = await temporaryFile("config.yaml", configOf(upstream.url) + withSlash);
  await using proxy = await startProxy(["--config", config.path, "--port", "0", "--host", "127.0.0.1"], {
    environment: { DHEERA_AI_MASTER_KEY: master },
  });
  // A name with a slash is none of a provider here.
  await using agent = await startAgent(["--api_base", proxy.url, "--model", "team/words"], {
    DHEERA_AI_API_KEY: master,
  });
  const { structuredContent } = await agent.client.callTool({ name: "list_models", arguments: {} });
  expect(structuredContent).toMatchObject({
    models: [{ name: "good" }, { name: "words" }, { name: "team/words", is_default: true }],
  });
  const byDefault = await agent.client.callTool({ name: "rerank", arguments: capital });
  expect(byDefault.structuredContent).toMatchObject({ model: "team/words", results: [{ index: 1 }, { index: 0 }] });
  const result = await agent.client.callTool({ name: "rerank", arguments: { ...capital, model: "good" } });
  expect(result.structuredContent).toMatchObject({ model: "good", results: [{ index: 1 }, { index: 0 }] });
  expect(answerText(result)).toMatch(/^The best 2 of 2 documents by good, /);
  expect(upstream.answered).toEqual([capital.query]);

  await using stranger = await startAgent(["--api_base", proxy.url], { DHEERA_AI_API_KEY: "wrong-key-of-this-test" });
  await expect.poll(() => stranger.stderr()).toMatch(/no default model/);
  const refused = await stranger.client.callTool({ name: "rerank", arguments: { ...capital, model: "good" } });
  expect(refused.isError).toBe(true);
  expect(JSON.stringify(refused) + stranger.stderr()).not.toContain("wrong-key-of-this-test");
});

it("keeps the limits that the environment or the command line names", async () => {
  await using agent = await startAgent(["--max_documents", "1"], { DHEERA_AI_MCP_MAX_CHARACTERS: "40" });
  const many = await agent.client.callTool({ name: "rerank", arguments: capital });
  expect(answerText(many)).toContain("at most 1 documents");
  const long = await agent.client.callTool({ name: "rerank", arguments: { query: "q", documents: ["x".repeat(50)] } });
  expect(answerText(long)).toMatch(/^request_too_large/);
});

describe("what no client sends", () => {
  it("leaves the next message its answer: no JSON, no message, half of a character, an unknown method", async () => {
    await using server = startRaw([]);
    const { stdin } = server.child;
    stdin.write("no JSON\n");
    stdin.write('{"jsonrpc":"1.0"}\n');
    stdin.write(Buffer.from([0x7b, 0x22, 0xe2, 0x82, 0x0a]));
    stdin.write('{"jsonrpc":"2.0","id":1,"method":"no/such"}\n');
    stdin.write(initialize);
    await expect.poll(() => server.stdout(), { timeout: startMs }).toContain('"serverInfo"');
    const lines = server.stdout().trim().split("\n");
    expect(lines.every((line) => JSON.parse(line).jsonrpc === "2.0")).toBe(true);
    stdin.end();
    expect(await server.code).toBe(0);
  });

  it("ends the connection: a line longer than a message may be, which never ends", async () => {
    await using server = startRaw(["--max_characters", "1000"]);
    server.child.stdin.on("error", () => {});
    server.child.stdin.write(`{"secret": "${"x".repeat(1_500_000)}`);
    expect(await server.code).toBe(0);
    expect(server.stdout()).toBe("");
    expect(await server.stderr).not.toMatch(/xxx|secret/);
  });
});

describe("the end", () => {
  it.each(["stdin", "SIGTERM", "SIGINT"] as const)("comes with %s, and takes rankings with it", async (how) => {
    await using upstream = await startReranker({ most: 0 });
    await using config = await temporaryFile("config.yaml", configOf(upstream.url));
    await using server = startRaw(["--config", config.path]);
    const call = { name: "rerank", arguments: capital };
    server.child.stdin.write(initialize);
    server.child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id: 3, method: "tools/call", params: call })}\n`);
    await expect.poll(() => upstream.connections(), { timeout: startMs }).toBe(1);
    if (how === "stdin") server.child.stdin.end();
    else server.child.kill(how);
    expect(await server.code).toBe(0);
    await expect.poll(() => upstream.connections()).toBe(0);
  });
});

describe("wrong usage", () => {
  it.each([
    [["--config", "a.yaml", "--api_base", "http://localhost"], "give one"],
    [["--key_file", "keys"], "--key_file is for a server over HTTP; give --http too"],
    [["--host", "0.0.0.0"], "--host is for a server over HTTP; give --http too"],
    [["--port", "8808"], "--port is for a server over HTTP; give --http too"],
    [["--timeout", "0"], "--timeout wants a whole number from 1 to 2000000"],
    [["--http", "--session_timeout", "0"], "--session_timeout wants a whole number from 1 to 2000000"],
    [["--http", "--session_timeout", "2147484"], "--session_timeout wants a whole number from 1 to 2000000"],
    [["--max_documents", "0"], "--max_documents wants a whole number"],
    [["--http", "--host", "0.0.0.0"], "--host 0.0.0.0 can be reached by others: give a key"],
  ])("%j hears: %s", async (args, expected) => {
    const { code, stderr } = await runInProcess(["mcp", ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain(expected);
  });

  it.each([
    [{ DHEERA_AI_MCP_TIMEOUT: "soon" }, "DHEERA_AI_MCP_TIMEOUT wants a whole number from 1 to 2000000"],
    [{ DHEERA_AI_MCP_MAX_DOCUMENTS: "-1" }, "DHEERA_AI_MCP_MAX_DOCUMENTS wants a whole number"],
  ])("%j hears: %s", async (environment, expected) => {
    const { code, stderr } = await runInProcess(["mcp"], { environment });
    expect(code).toBe(2);
    expect(stderr).toContain(expected);
  });

  it("names the models of a configuration where the one asked for is not among them", async () => {
    await using config = await temporaryFile("config.yaml", configOf("http://127.0.0.1:1"));
    const { code, stderr } = await runInProcess(["mcp", "--config", config.path, "--model", "best"]);
    expect(code).toBe(2);
    expect(stderr).toContain("has no such model_name; it has good, words");
  });
});

const initialize = `${JSON.stringify({
  jsonrpc: "2.0",
  id: 2,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "1" } },
})}\n`;

interface RawServer extends AsyncDisposable {
  readonly child: ChildProcessWithoutNullStreams;
  stdout(): string;
  readonly stderr: Promise<string>;
  readonly code: Promise<number | null>;
}

/** The command itself, for bytes that no client would send. */
function startRaw(args: readonly string[]): RawServer {
  const main = fileURLToPath(new URL("../main.ts", import.meta.url));
  const child = spawn(process.execPath, ["-C", "source", main, "mcp", ...args], {
    env: { PATH: process.env["PATH"], HOME: "/nonexistent" },
  });
  let stdout = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  const code = once(child, "close").then(() => child.exitCode);
  return {
    child,
    stdout: () => stdout,
    stderr: text(child.stderr),
    code,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await code;
    },
  };
}
