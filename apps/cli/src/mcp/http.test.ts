import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { describe, expect, it } from "vitest";

import { startProxy } from "../testing/processes.ts";
import { startReranker } from "../testing/reranker.ts";
import { runInProcess } from "../testing/run-in-process.ts";
import { temporaryFile } from "../testing/temporary-file.ts";

const key = "a-key-for-agents-of-this-test";
const capital = { query: "capital", documents: ["Carson City", "Washington, D.C., the capital"] };

describe("dheera_ai mcp --http", () => {
  it("serves clients with a key, and says how it is to those without", async () => {
    await using upstream = await startReranker();
    await using config = await temporaryFile(
      "config.yaml",
      `model_list: [{ model_name: good, dheera_ai_params: { model: cohere/rerank-v3.5, api_base: "${upstream.url}", api_key: k } }]`,
    );
    await using keys = await temporaryFile("keys", `\n${key}\n`);
    await using server = await startProxy(
      ["mcp", "--http", "--port", "0", "--config", config.path, "--key_file", keys.path],
      { environment: { DHEERA_AI_MCP_KEY: "another-key-for-agents" } },
    );
    const url = new URL(server.url);
    expect(url.pathname).toBe("/mcp");
    const modes = ["legacy", "auto"] as const;
    for (const mode of modes) {
      await using client = await connect(url, key, mode);
      const result = await client.client.callTool({ name: "rerank", arguments: capital });
      expect(result.structuredContent).toMatchObject({ model: "good", results: [{ index: 1 }, { index: 0 }] });
    }
    await using other = await connect(url, "another-key-for-agents", "auto");
    const refused = await other.client.callTool({ name: "rerank", arguments: { ...capital, model: "none" } });
    expect(refused.isError).toBe(true);
    await expect(connect(url, "wrong", "auto")).rejects.toThrow();

    expect(await (await fetch(new URL("/health", url))).json()).toMatchObject({ status: "healthy" });
    const page = await (await fetch(new URL("/metrics", url))).text();
    for (const line of [
      'dheera_ai_mcp_calls_total{tool="rerank",outcome="ok"} 2',
      'dheera_ai_mcp_calls_total{tool="rerank",outcome="model_not_found"} 1',
      "dheera_ai_mcp_documents_total 6",
      "dheera_ai_mcp_calls_in_flight 0",
    ])
      expect(page.split("\n")).toContain(line);
    expect(page).toMatch(/^dheera_ai_deployment_success_responses_total\{.*\} 2$/m);
    expect(page).not.toContain(key);
    expect(await server.stop()).toMatchObject({ code: 0, stderr: "" });
  });

  it("has no time series for each name that a caller invents", async () => {
    await using upstream = await startReranker();
    const stop = new AbortController();
    const address = Promise.withResolvers<URL>();
    const args = ["mcp", "--http", "--port", "0", "--api_base", upstream.url, "--model", "good"];
    const ended = runInProcess(args, {
      stop: stop.signal,
      onPrint: (line) => address.resolve(new URL(line.replace("RUNNING on ", ""))),
    });
    const url = await address.promise;
    {
      await using agent = await connect(url, key, "auto");
      const ask = (model: string) => agent.client.callTool({ name: "rerank", arguments: { ...capital, model } });
      await ask("good");
      for (let at = 0; at < 1_000; at += 10)
        await Promise.all(Array.from({ length: 10 }, (_, next) => ask(`invented-${at + next}`)));
    }
    const page = await (await fetch(new URL("/metrics", url))).text();
    const counted = page.split("\n").filter((line) => line.startsWith("dheera_ai_deployment_total_requests_total{"));
    expect(counted).toHaveLength(2);
    expect(counted.find((line) => line.includes('model_group="dheera_ai/good"'))).toMatch(/ 1$/);
    expect(counted.find((line) => line.includes('model_group="other"'))).toMatch(/ 1000$/);
    expect(page).not.toContain("invented");
    stop.abort();
    expect(await ended).toMatchObject({ code: 0, stderr: "" });
  });

  it("is not reached by a page under a name of its own", async () => {
    await using server = await startProxy(["mcp", "--http", "--port", "0"]);
    const answer = await fetch(server.url, { method: "POST", body: "{}", headers: { origin: "https://evil.example" } });
    expect(answer.status).toBe(403);
  });

  it("wants keys that cannot be guessed", async () => {
    const { code, stderr } = await runInProcess(["mcp", "--http"], { environment: { DHEERA_AI_MCP_KEY: "short" } });
    expect(code).toBe(2);
    expect(stderr).toContain("a key for clients wants 16 characters or more");
    expect(stderr).not.toContain("short");
  });
});

async function connect(
  url: URL,
  token: string,
  mode: "legacy" | "auto",
): Promise<AsyncDisposable & { client: Client }> {
  const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode } });
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit }));
  return { client, [Symbol.asyncDispose]: () => client.close() };
}
