import { readFile } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";

import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { createDheera } from "@dheera-ai/core";
import { bm25 } from "@dheera-ai/bm25";
import { expect, it } from "vitest";

import type { ListeningServer } from "./http/listen.ts";
import { createMcpServer } from "./index.ts";

it("README's program serves a client", async () => {
  const page = await readFile(new URL("../README.md", import.meta.url), "utf8");
  const [, code = ""] = /```ts\n([\s\S]*?)```/.exec(page) ?? [];
  const body = stripTypeScriptTypes(code.replaceAll(/^import .*$/gm, "")).replace("port: 8808", "port: 0");
  const AsyncFunction: FunctionConstructor = Object.getPrototypeOf(async () => {}).constructor;
  const program = new AsyncFunction("createDheera", "bm25", "createMcpServer", `${body}; return listening;`);
  await using listening: ListeningServer = await program(createDheera, bm25, createMcpServer);
  const client = new Client({ name: "test", version: "1" });
  await client.connect(new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${listening.port}/mcp`)));
  const call = { query: "a cat", documents: ["a dog", "a cat"] };
  const { structuredContent } = await client.callTool({ name: "rerank", arguments: call });
  expect(structuredContent).toMatchObject({ results: [{ index: 1 }, { index: 0 }] });
  await client.close();
});
