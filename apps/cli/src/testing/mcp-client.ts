import { fileURLToPath } from "node:url";

import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";

const main = fileURLToPath(new URL("../main.ts", import.meta.url));

/** Milliseconds that a process may take to start on a machine with much else to do. */
export const startMs = 200_000;

export interface Agent extends AsyncDisposable {
  readonly client: Client;
  /** Everything that the server wrote to standard error so far. */
  stderr(): string;
}

/** An agent's program: starts `dheera_ai mcp` from its source and talks to it as the official client does. */
export async function startAgent(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  mode: "legacy" | "auto" = "auto",
): Promise<Agent> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: ["-C", "source", main, "mcp", ...args],
    env: { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent", ...environment },
    stderr: "pipe",
  });
  let stderr = "";
  transport.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const probe = { timeoutMs: startMs };
  const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode, probe } });
  await client.connect(transport, { timeout: startMs });
  return { client, stderr: () => stderr, [Symbol.asyncDispose]: () => client.close() };
}

/** The text of a tool's answer. */
export function answerText(result: { readonly content?: unknown }): string {
  const [first]: unknown[] = Array.isArray(result.content) ? result.content : [];
  return typeof first === "object" && first !== null && "text" in first ? String(first.text) : "";
}
