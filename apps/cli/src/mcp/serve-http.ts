import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { BlockList, isIP } from "node:net";

import type { McpServer } from "@dheera-ai/mcp";

import { UsageError } from "../errors.ts";
import type { Terminal } from "../terminal.ts";
import type { McpOptions } from "./mcp.ts";
import type { McpMetrics } from "./mcp-metrics.ts";

/** Serves until the process is asked to end. */
export async function serveHttp(
  server: McpServer,
  options: McpOptions,
  metrics: McpMetrics,
  { environment, output, stop }: Terminal,
): Promise<void> {
  const { host = "127.0.0.1", port = 8_808, max_sessions: sessions, session_timeout: sessionSeconds } = options;
  const keys = await keysOf(options, environment);
  const isLocal = isLoopback(host);
  if (!isLocal && keys.length === 0)
    throw new UsageError(
      `--host ${host} can be reached by others: give a key in DHEERA_AI_MCP_KEY, or several in --key_file`,
    );
  await using running = await server.listen({
    host,
    port,
    keys,
    metrics: metrics.page,
    allowedOrigins: options.allowed_origins,
    // Elsewhere it is the key that a page in a browser does not have.
    allowedHosts: options.allowed_hosts ?? (isLocal ? loopbackNames : undefined),
    sessions,
    sessionSeconds,
  });
  metrics.watch({ sessions: () => running.sessions(), callsInFlight: () => server.callsInFlight() });
  output.print(`RUNNING on http://${isIP(host) === 6 ? `[${host}]` : host}:${running.port}/mcp`);
  if (!stop.aborted) await once(stop, "abort");
}

/** @throws UsageError for a file without keys, and for one that is short enough to be guessed */
async function keysOf({ key_file }: McpOptions, environment: Terminal["environment"]): Promise<readonly string[]> {
  const lines = key_file === undefined ? [] : (await readFile(key_file, "utf8")).split("\n");
  const keys = [environment["DHEERA_AI_MCP_KEY"] ?? "", ...lines]
    .map((line) => line.trim())
    .filter((line) => line !== "");
  if (key_file !== undefined && keys.length === 0)
    throw new UsageError(`--key_file ${key_file}: there is no key in it`);
  if (keys.some((key) => key.length < leastKeyLength || /\s/.test(key)))
    throw new UsageError(`a key for clients wants ${leastKeyLength} characters or more and no space in it`);
  return keys;
}

const leastKeyLength = 16;

const loopbackNames = ["localhost", "127.0.0.1", "[::1]"];

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8);
loopback.addAddress("::1", "ipv6");

function isLoopback(host: string): boolean {
  const version = isIP(host);
  return version === 0 ? host === "localhost" : loopback.check(host, version === 6 ? "ipv6" : "ipv4");
}
