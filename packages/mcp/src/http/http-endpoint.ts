import {
  type McpServerFactory,
  createMcpHandler,
  hostHeaderValidationResponse,
  isLegacyRequest,
  originValidationResponse,
} from "@modelcontextprotocol/server";

import { type McpLimits, messageBytes } from "../limits.ts";
import { describeProblem } from "../serve-stdio.ts";
import { type HttpOptions, defaultSessionSeconds, defaultSessions } from "./http-options.ts";
import { KeyRing } from "./key-ring.ts";
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

/**
 * Who may ask is decided before a body is read. A client of 2026's protocol asks without a session, and ends a call by
 * closing its request; one of 2025's has a session, in which it says what it cancels.
 */
export function createHttpEndpoint(
  factory: McpServerFactory,
  { keys = [], allowedHosts, allowedOrigins = [], sessions, sessionSeconds }: HttpOptions,
  { limits, onProblem }: { readonly limits: McpLimits; readonly onProblem: ((message: string) => void) | undefined },
): HttpEndpoint {
  const maxRequestBodySize = messageBytes(limits);
  const onerror = (error: Error): void => onProblem?.(describeProblem(error));
  const modern = createMcpHandler(factory, { legacy: "reject", maxRequestBodySize, onerror });
  const ring = new KeyRing(keys);
  const open = new Sessions(factory, {
    most: sessions ?? defaultSessions,
    idleSeconds: sessionSeconds ?? defaultSessionSeconds,
    maxRequestBodySize,
    onerror,
  });

  async function answer(request: Request): Promise<Response> {
    const refused =
      (allowedHosts && hostHeaderValidationResponse(request, [...allowedHosts])) ??
      originValidationResponse(request, [...allowedOrigins]);
    if (refused) return refused;
    const caller = ring.callerOf(request.headers.get("authorization"));
    if (caller === undefined) return keyNeeded();
    if (request.headers.has("mcp-session-id") || (await isLegacyRequest(request, undefined, { maxRequestBodySize })))
      return open.answer(request, caller);
    return modern.fetch(request);
  }

  return {
    fetch: (request) =>
      answer(request).catch((error: unknown) => {
        onerror(error instanceof Error ? error : new Error("failed"));
        return refusal(500, -32_603, "the request could not be answered");
      }),
    sessions: () => open.size,
    async close() {
      await Promise.all([open.close(), modern.close()]);
    },
  };
}

function keyNeeded(): Response {
  const response = refusal(401, -32_001, "a key is needed: Authorization: Bearer <key>");
  response.headers.set("www-authenticate", 'Bearer realm="dheera_ai"');
  return response;
}
