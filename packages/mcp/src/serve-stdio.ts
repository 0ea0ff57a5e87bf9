import type { Readable, Writable } from "node:stream";

import type { McpServerFactory } from "@modelcontextprotocol/server";
import { StdioServerTransport, serveStdio } from "@modelcontextprotocol/server/stdio";

import { type McpLimits, messageBytes } from "./limits.ts";

/** Where the client writes and reads: the standard streams of a process. */
export interface StdioStreams {
  readonly input: Readable;
  readonly output: Writable;
}

/** The one client of a server on stdin and stdout. */
export interface StdioConnection {
  /** Resolves when the client has closed its end, sent a message that is too large, or `close` was called. */
  readonly closed: Promise<void>;
  /** Ends the connection; rankings that run are cancelled. */
  close(): Promise<void>;
}

/** The SDK's transport, which decides by the first message which generation of the protocol the client speaks. */
export function serveStreams(
  factory: McpServerFactory,
  { input, output }: StdioStreams,
  limits: McpLimits,
  onProblem: ((message: string) => void) | undefined,
): StdioConnection {
  const transport = new StdioServerTransport(input, output, { maxBufferSize: messageBytes(limits) });
  const handle = serveStdio(factory, { transport, onerror: (error) => onProblem?.(describeProblem(error)) });
  const closed = new Promise<void>((resolve) => {
    const { onclose } = transport;
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- a transport of the SDK has nothing else
    transport.onclose = () => {
      onclose?.();
      resolve();
    };
  });
  return { closed, close: () => handle.close() };
}

/** What the SDK says of a message may quote it, so that only the kind of error is named. */
export function describeProblem(error: Error): string {
  if (error instanceof SyntaxError) return "a message is not JSON";
  if (error.name === "ZodError") return "a message is not JSON-RPC";
  return `${error.name}: a message could not be read or answered`;
}
