import { McpServer as SdkServer, type McpServerFactory } from "@modelcontextprotocol/server";

import { type EndpointWithDoor, type HttpEndpoint, createHttpEndpoint } from "./http/http-endpoint.ts";
import type { HttpOptions } from "./http/http-options.ts";
import { type ListenOptions, type ListeningServer, listen } from "./http/listen.ts";
import { defaultLimits, requireSeconds } from "./limits.ts";
import type { McpOptions } from "./options.ts";
import { type StdioConnection, type StdioStreams, serveStreams } from "./serve-stdio.ts";
import { CallGate } from "./tools/call-gate.ts";
import { registerListModels } from "./tools/list-models-tool.ts";
import { registerRerank } from "./tools/rerank-tool.ts";

/** An MCP server with the tools `rerank` and `list_models`. Its limits hold for all connections together. */
export interface McpServer {
  /** Serves one client over two streams, until the client closes its end. */
  serveStdio(streams: StdioStreams): StdioConnection;
  /** Serves many clients over streamable HTTP, wherever its `fetch` is called. */
  createHttpEndpoint(options?: HttpOptions): HttpEndpoint;
  /** The same on a port of its own, on Node.js: `/mcp`, `/health` and `/metrics`. */
  listen(options: HttpOptions & ListenOptions): Promise<ListeningServer>;
  /** Rankings that run now. */
  callsInFlight(): number;
}

/** Makes the tools; opens nothing. @throws DheeraError for limits that cannot be kept */
export function createMcpServer(options: McpOptions): McpServer {
  const limits = { ...defaultLimits, ...options.limits };
  requireSeconds("limits.seconds", limits.seconds);
  const gate = new CallGate(limits, options.onCall);
  const context = { options, limits, gate };
  const factory: McpServerFactory = () => {
    const server = new SdkServer({ name: "dheera_ai", title: "Dheera AI", version: options.version }, { instructions });
    registerRerank(server, context);
    registerListModels(server, context);
    return server;
  };
  const endpointOf = (http: HttpOptions): EndpointWithDoor =>
    createHttpEndpoint(factory, http, { limits, onProblem: options.onProblem });
  return {
    serveStdio: (streams) => serveStreams(factory, streams, limits, options.onProblem),
    createHttpEndpoint: (http = {}) => endpointOf(http),
    listen: async (http) => listen(endpointOf(http), http),
    callsInFlight: () => gate.inFlight,
  };
}

const instructions =
  "Use rerank to order passages, search results, files or records by how well they answer a query, and read only the best ones. " +
  "list_models says which models there are; the default one will do where nothing speaks for another.";
