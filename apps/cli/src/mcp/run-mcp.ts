import { once } from "node:events";

import { type McpServer, createMcpServer } from "@dheera-ai/mcp";

import type { Terminal } from "../terminal.ts";
import { limitsOf } from "./limits-of.ts";
import { createMcpMetrics } from "./mcp-metrics.ts";
import type { McpOptions } from "./mcp.ts";
import { type OfferedModels, openModels } from "./open-models.ts";
import { serveHttp } from "./serve-http.ts";

/** Serves until the client closes its end, or the process is asked to end. */
export async function runMcp(options: McpOptions, terminal: Terminal): Promise<void> {
  const limits = limitsOf(options, terminal.environment);
  const metrics = options.http ? await createMcpMetrics(terminal.version) : undefined;
  await using models = await openModels(options, terminal, metrics?.observer);
  const server = createMcpServer({
    dheera: models,
    models: (signal) => models.list(AbortSignal.any([signal, terminal.stop])),
    defaultModel: models.defaultModel,
    limits,
    version: terminal.version,
    onCall: (call) => metrics?.called(call),
    onProblem: (problem) => terminal.printError(`dheera_ai mcp: ${problem}`),
  });
  if (metrics) await serveHttp(server, options, metrics, terminal);
  else await serveParent(server, models, terminal);
}

/** Standard output belongs to the protocol: what people are told goes to standard error. */
async function serveParent(server: McpServer, { defaultModel }: OfferedModels, terminal: Terminal): Promise<void> {
  if (terminal.input.interactive)
    terminal.printError(
      `An agent's program starts this command and talks to it over standard input and output; the model is ${defaultModel ?? "named by each call"}. Ctrl-c ends it.`,
    );
  const connection = server.serveStdio({ input: process.stdin, output: process.stdout });
  await Promise.race([connection.closed, terminal.stop.aborted || once(terminal.stop, "abort")]);
  await connection.close();
}
