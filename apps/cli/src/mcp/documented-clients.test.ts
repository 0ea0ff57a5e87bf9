import { readFile } from "node:fs/promises";

import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import * as v from "valibot";
import { describe, expect, it } from "vitest";

import { startAgent } from "../testing/mcp-client.ts";
import { startProxy } from "../testing/processes.ts";
import { temporaryFile } from "../testing/temporary-file.ts";

const key = "a-key-for-agents-of-this-test";
const page = await readFile(new URL("../../../../docs/mcp.md", import.meta.url), "utf8");

const started = v.object({
  type: v.optional(v.literal("stdio")),
  command: v.literal("npx"),
  args: v.pipe(
    v.array(v.string()),
    v.check((args) => args.slice(0, 3).join(" ") === "-y @dheera-ai/cli mcp"),
  ),
  env: v.optional(v.record(v.string(), v.string()), {}),
});
const reached = v.object({
  type: v.literal("http"),
  url: v.pipe(v.string(), v.url()),
  headers: v.object({ Authorization: v.string() }),
});
const servers = v.strictObject({ dheera_ai: v.union([started, reached]) });
/** What Claude and Cursor read, and what VS Code does. */
const configuration = v.union([
  v.strictObject({ mcpServers: servers }),
  v.strictObject({
    inputs: v.array(v.object({ type: v.literal("promptString"), id: v.string(), description: v.string() })),
    servers,
  }),
]);

/** Each block of JSON, with the heading above it. */
const blocks = [...page.matchAll(/^### ([^\n]+)$(?:(?!^###? )[\s\S])*?^```json\n([\s\S]*?)^```$/gm)].map(
  ([, heading = "", json = ""]) => ({ heading, read: v.parse(configuration, JSON.parse(json)) }),
);

describe("docs/mcp.md", () => {
  it("has a configuration for each client it names", () => {
    expect(blocks.map(({ heading }) => heading)).toEqual([
      "Claude Desktop",
      "Claude Code",
      "VS Code",
      "Cursor",
      "A server for many",
    ]);
  });

  it.each(blocks)("starts a server that ranks, as $heading is told to", async ({ read }) => {
    const { dheera_ai: server } = "servers" in read ? read.servers : read.mcpServers;
    if (!("command" in server)) return rankAt(server);
    await using config = await temporaryFile(
      "config.yaml",
      "model_list: [{ model_name: reranker, dheera_ai_params: { model: bm25/default } }]",
    );
    await using proxy = await startProxy(["--config", config.path, "--port", "0", "--host", "127.0.0.1"]);
    // What stands in the page, with this test's proxy; the model of a provider's own server is only named.
    const args = server.args.slice(3).map((arg) => (arg === "http://localhost:4000" ? proxy.url : arg));
    const environment = Object.fromEntries(Object.entries(server.env).filter(([, value]) => !value.startsWith("${")));
    await using agent = await startAgent(args, environment);
    const { structuredContent } = await agent.client.callTool({ name: "list_models", arguments: {} });
    const asked = args.includes("--model") ? args[args.indexOf("--model") + 1] : "bm25/default";
    expect(structuredContent).toMatchObject({
      models: expect.arrayContaining([expect.objectContaining({ name: asked, is_default: true })]),
    });
    const model = asked === "reranker" ? asked : "bm25/default";
    const call = { query: "a cat", documents: ["a dog", "a cat"], model };
    const result = await agent.client.callTool({ name: "rerank", arguments: call });
    expect(result.structuredContent).toMatchObject({ results: [{ index: 1 }, { index: 0 }] });
  });

  it("shows the lines that a ranking is answered with", async () => {
    await using agent = await startAgent([]);
    const [, shown = ""] = /```text\n([\s\S]*?)\n```/.exec(page) ?? [];
    const documents = [
      "Carson City is the capital city of Nevada.",
      "Washington, D.C. is the capital of the United States.",
    ];
    const query = "capital of the United States";
    const result = await agent.client.callTool({ name: "rerank", arguments: { query, documents } });
    expect(JSON.stringify(result.content)).toContain(JSON.stringify(shown).slice(1, -1));
  });
});

/** At a server that was started as the page says, but on a free port. */
async function rankAt({ url: documented, headers }: v.InferOutput<typeof reached>): Promise<void> {
  const [, command = ""] = /^dheera_ai (mcp --http .*)$/m.exec(page) ?? [];
  const args = command.split(" ");
  const url = new URL(documented);
  expect(args.slice(args.indexOf("--host"))).toEqual(["--host", url.hostname, "--port", url.port]);
  await using server = await startProxy([...args.slice(0, -1), "0"], { environment: { DHEERA_AI_MCP_KEY: key } });
  url.port = new URL(server.url).port;
  const authorization = headers.Authorization.replace("${DHEERA_AI_MCP_KEY}", key);
  const client = new Client({ name: "test", version: "1" });
  const transport = new StreamableHTTPClientTransport(url, { requestInit: { headers: { authorization } } });
  await client.connect(transport);
  const call = { query: "a cat", documents: ["a dog", "a cat"] };
  const result = await client.callTool({ name: "rerank", arguments: call });
  expect(result.structuredContent).toMatchObject({ results: [{ index: 1 }, { index: 0 }] });
  await client.close();
  expect((await fetch(url, { method: "POST", body: "{}" })).status).toBe(401);
}
