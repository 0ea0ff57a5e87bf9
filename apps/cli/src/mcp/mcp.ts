import * as v from "valibot";

import { address, flag, list, port, text, wholeNumber } from "../command-line/values.ts";
import { defineCommand } from "../command-line/define-command.ts";
import { UsageError } from "../errors.ts";
import { mostSeconds } from "./limits-of.ts";

export interface McpOptions {
  readonly config?: string;
  readonly api_base?: string;
  readonly api_key?: string;
  readonly model?: string;
  readonly max_documents?: number;
  readonly max_characters?: number;
  readonly max_parallel_calls?: number;
  readonly timeout?: number;
  readonly http: boolean;
  readonly host?: string;
  readonly port?: number;
  readonly key_file?: string;
  readonly allowed_hosts?: readonly string[];
  readonly allowed_origins?: readonly string[];
  readonly max_sessions?: number;
  readonly session_timeout?: number;
}

export const mcp = defineCommand<McpOptions>({
  name: "mcp",
  summary: "Let agents rank documents: a Model Context Protocol server",
  usage: [
    "[--model MODEL]",
    "--config FILE [--model NAME]",
    "--api_base URL [--api_key KEY] [--model NAME]",
    "--http [--host ADDRESS --port PORT] …",
  ],
  options: {
    config: { short: "c", value: "FILE", help: "offer the models of this configuration" },
    api_base: { value: "URL", help: "offer the models of a running proxy" },
    api_key: {
      value: "KEY",
      help: "the key for it (DHEERA_AI_API_KEY, which other users of this machine cannot read)",
    },
    model: { short: "m", value: "MODEL", help: "of calls that name none (the first one; bm25/default without any)" },
    max_documents: { value: "N", help: "documents in a call at most (1000; DHEERA_AI_MCP_MAX_DOCUMENTS)" },
    max_characters: {
      value: "N",
      help: "characters of a call's query and documents at most (2000000; DHEERA_AI_MCP_MAX_CHARACTERS)",
    },
    max_parallel_calls: { value: "N", help: "rankings at one time at most (16; DHEERA_AI_MCP_MAX_PARALLEL_CALLS)" },
    timeout: { value: "SECONDS", help: "give up a ranking after this long (120; DHEERA_AI_MCP_TIMEOUT)" },
    http: { help: "serve many clients over streamable HTTP instead of one over standard input and output" },
    host: {
      value: "ADDRESS",
      help: "with --http: listen on this address; others than loopback need a key (127.0.0.1)",
    },
    port: { value: "PORT", help: "with --http: listen on this port (8808)" },
    key_file: {
      value: "FILE",
      help: "with --http: a key that clients may use in each line (DHEERA_AI_MCP_KEY, for one)",
    },
    allowed_hosts: {
      value: "A,B",
      help: "with --http: names that requests may call this server by (loopback's there)",
    },
    allowed_origins: { value: "A,B", help: "with --http: hosts of pages in a browser that may call (none)" },
    max_sessions: { value: "N", help: "with --http: sessions at one time at most (200)" },
    session_timeout: { value: "SECONDS", help: "with --http: end a session after this long without a request (1800)" },
  },
  schema: v.object({
    config: v.optional(text),
    api_base: v.optional(address),
    api_key: v.optional(text),
    model: v.optional(text),
    max_documents: v.optional(wholeNumber(1, 10_000)),
    max_characters: v.optional(wholeNumber(1, 80_000_000)),
    max_parallel_calls: v.optional(wholeNumber(1)),
    timeout: v.optional(wholeNumber(1, mostSeconds)),
    http: v.optional(flag, false),
    host: v.optional(text),
    port: v.optional(port),
    key_file: v.optional(text),
    allowed_hosts: v.optional(list),
    allowed_origins: v.optional(list),
    max_sessions: v.optional(wholeNumber(1)),
    session_timeout: v.optional(wholeNumber(1, mostSeconds)),
  }),
  examples: [
    "dheera_ai mcp",
    "dheera_ai mcp --config config.yaml --model bge-reranker-base",
    "dheera_ai mcp --api_base http://localhost:4000",
    "dheera_ai mcp --http --port 8808",
  ],
  async run({ options }, terminal) {
    if (options.config !== undefined && options.api_base !== undefined)
      throw new UsageError("--config and --api_base both say whose models; give one");
    if (!options.http) requireNoHttpOptions(options);
    // Loaded when it runs: help and other commands need nothing of it.
    const { runMcp } = await import("./run-mcp.ts");
    await runMcp(options, terminal);
    return 0;
  },
});

function requireNoHttpOptions(options: McpOptions): void {
  const given = [
    "host",
    "port",
    "key_file",
    "allowed_hosts",
    "allowed_origins",
    "max_sessions",
    "session_timeout",
  ] as const;
  const first = given.find((name) => options[name] !== undefined);
  if (first !== undefined) throw new UsageError(`--${first} is for a server over HTTP; give --http too`);
}
