import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { createDheera } from "@dheera-ai/core";
import { bm25 } from "@dheera-ai/bm25";

import type { HttpOptions } from "../http/http-options.ts";
import type { ListenOptions } from "../http/listen.ts";
import { type McpServer, createMcpServer } from "../mcp-server.ts";
import type { McpCall, McpOptions } from "../options.ts";

/** A client's generation of the protocol: `auto` takes the newest that the server speaks. */
export type Era = "legacy" | "auto";

export interface Served extends AsyncDisposable {
  readonly url: URL;
  readonly server: McpServer;
  /** Calls that have ended. */
  readonly calls: readonly McpCall[];
  readonly problems: readonly string[];
  sessions(): number;
  connect(era?: Era, key?: string): Promise<Client>;
  /** A request as a program would send it that is no client of the protocol. */
  send(body: string | undefined, init?: RequestInit): Promise<Response>;
}

/** A server on a loopback port that ranks by BM25 where nothing else is said, and the official client for it. */
export async function serve(
  options: Partial<McpOptions> = {},
  http: HttpOptions & Pick<ListenOptions, "metrics"> = {},
): Promise<Served> {
  const calls: McpCall[] = [];
  const problems: string[] = [];
  const dheera = createDheera({ providers: [bm25()] });
  const server = createMcpServer({
    dheera,
    models: () => [{ name: "bm25/default" }],
    defaultModel: "bm25/default",
    version: "1.2.3",
    onCall: (call) => calls.push(call),
    onProblem: (problem) => problems.push(problem),
    ...options,
  });
  const listening = await server.listen({ host: "127.0.0.1", port: 0, ...http });
  const url = new URL(`http://127.0.0.1:${listening.port}/mcp`);
  const clients: Client[] = [];
  return {
    url,
    server,
    calls,
    problems,
    sessions: () => listening.sessions(),
    async connect(mode = "auto", key) {
      const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode } });
      const headers: Record<string, string> = key === undefined ? {} : { authorization: `Bearer ${key}` };
      await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }));
      clients.push(client);
      return client;
    },
    send: (body, init) =>
      fetch(url, {
        method: "POST",
        body,
        ...init,
        headers: {
          "content-type": "application/json",
          accept: "application/json, text/event-stream",
          ...Object.fromEntries(new Headers(init?.headers)),
        },
      }),
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((client) => client.close()));
      await listening.close();
      await dheera.close();
    },
  };
}

/** The text of a tool's answer. */
export function textOf(result: { readonly content?: unknown }): string {
  const [first]: unknown[] = Array.isArray(result.content) ? result.content : [];
  return typeof first === "object" && first !== null && "text" in first ? String(first.text) : "";
}
