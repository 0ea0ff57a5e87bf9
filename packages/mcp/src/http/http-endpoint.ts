import { type McpServerFactory, createMcpHandler, isLegacyRequest } from "@modelcontextprotocol/server";

import { type McpLimits, messageBytes, requireSeconds } from "../limits.ts";
import { describeProblem } from "../serve-stdio.ts";
import { Door } from "./door.ts";
import { type HttpOptions, defaultSessionSeconds, defaultSessions } from "./http-options.ts";
import { refusal } from "./refusal.ts";
import { Sessions } from "./sessions.ts";

/** Streamable HTTP at one address, for clients of every generation of the protocol. */
export interface HttpEndpoint {
  /** Answers one request; never rejects. */
  fetch(request: Request): Promise<Response>;
  /** Sessions that are open. */
  sessions(): number;
  /** Ends all sessions and requests; rankings that run are cancelled. */
  close(): Promise<void>;
}

/** The same, for a server that can answer before it has a body. */
export interface EndpointWithDoor extends HttpEndpoint {
  readonly door: Pick<Door, "admit" | "refuseStranger">;
  /** Bytes of a body, at most. */
  readonly maxRequestBodySize: number;
}

/**
 * Who may ask is decided by a request's head, here and once more by `listen` before it waits for a body. A client of 2026's protocol asks without a session, and ends a call by
 * closing its request; one of 2025's has a session, in which it says what it cancels.
 */
export function createHttpEndpoint(
  factory: McpServerFactory,
  http: HttpOptions,
  { limits, onProblem }: { readonly limits: McpLimits; readonly onProblem: ((message: string) => void) | undefined },
): EndpointWithDoor {
  const maxRequestBodySize = messageBytes(limits);
  const onerror = (error: Error): void => onProblem?.(describeProblem(error));
  const modern = createMcpHandler(factory, { legacy: "reject", maxRequestBodySize, onerror });
  const door = new Door(http);
  const idleSeconds = http.sessionSeconds ?? defaultSessionSeconds;
  requireSeconds("sessionSeconds", idleSeconds);
  const open = new Sessions(factory, {
    most: http.sessions ?? defaultSessions,
    idleSeconds,
    maxRequestBodySize,
    onerror,
  });

  async function answer(request: Request): Promise<Response> {
    const admitted = door.admit(request);
    if ("answer" in admitted) return admitted.answer;
    const inSession =
      request.headers.has("mcp-session-id") || (await isLegacyRequest(request, undefined, { maxRequestBodySize }));
    return door.open(request, await (inSession ? open.answer(request, admitted.caller) : modern.fetch(request)));
  }

  return {
    fetch: (request) =>
      answer(request).catch((error: unknown) => {
        onerror(error instanceof Error ? error : new Error("failed"));
        return refusal(500, -32_603, "the request could not be answered");
      }),
    sessions: () => open.size,
    door,
    maxRequestBodySize,
    async close() {
      await Promise.all([open.close(), modern.close()]);
    },
  };
}
