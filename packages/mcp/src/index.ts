export { createMcpServer, type McpServer } from "./mcp-server.ts";
export { defaultLimits, type McpLimits } from "./limits.ts";
export type { McpCall, McpModel, McpOptions, RankDocuments } from "./options.ts";
export type { StdioConnection, StdioStreams } from "./serve-stdio.ts";
export type { HttpEndpoint } from "./http/http-endpoint.ts";
export type { HttpOptions } from "./http/http-options.ts";
export type { ListenOptions, ListeningServer } from "./http/listen.ts";
