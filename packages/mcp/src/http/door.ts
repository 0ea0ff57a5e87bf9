import { validateHostHeader, validateOriginHeader } from "@modelcontextprotocol/server";

import type { HttpOptions } from "./http-options.ts";
import { KeyRing } from "./key-ring.ts";
import { refusal } from "./refusal.ts";

/** What is known of a request before its body. */
export interface RequestHead {
  readonly method: string;
  readonly headers: Headers;
}

/** Who may ask, decided by the head of a request alone. */
export class Door {
  readonly #hosts: string[] | undefined;
  readonly #origins: string[];
  readonly #ring: KeyRing;

  constructor({ keys = [], allowedHosts, allowedOrigins = [] }: HttpOptions) {
    this.#hosts = allowedHosts && [...allowedHosts];
    this.#origins = [...allowedOrigins];
    this.#ring = new KeyRing(keys);
  }

  /** Refuses a request under a name that is not ours, and one of a page that may not ask. */
  refuseStranger({ headers }: RequestHead): Response | undefined {
    const host = this.#hosts && validateHostHeader(headers.get("host"), this.#hosts);
    const origin = validateOriginHeader(headers.get("origin"), this.#origins);
    const wrong = host?.ok === false ? host : origin;
    return wrong.ok ? undefined : refusal(403, -32_000, wrong.message);
  }

  /** Who asks; or the answer, which needs no body: a refusal, or what a browser wants to know before its page may call. */
  admit(head: RequestHead): { readonly caller: string } | { readonly answer: Response } {
    const stranger = this.refuseStranger(head);
    if (stranger) return { answer: stranger };
    if (head.method === "OPTIONS" && head.headers.has("origin"))
      return { answer: this.open(head, new Response(null, { status: 204 })) };
    const caller = this.#ring.callerOf(head.headers.get("authorization"));
    return caller === undefined ? { answer: this.open(head, keyNeeded()) } : { caller };
  }

  /** The same answer, which a page that may ask can read. */
  open({ method, headers }: RequestHead, response: Response): Response {
    const origin = headers.get("origin");
    if (origin === null) return response;
    const opened = new Response(response.body, response);
    opened.headers.set("access-control-allow-origin", origin);
    opened.headers.append("vary", "Origin");
    if (method !== "OPTIONS") {
      opened.headers.set("access-control-expose-headers", "Mcp-Session-Id, WWW-Authenticate, Retry-After");
      return opened;
    }
    opened.headers.set("access-control-allow-methods", "GET, POST, DELETE");
    // All that it asks for: 2026's protocol has a header for each argument that a tool marks.
    const asked = headers.get("access-control-request-headers");
    if (asked !== null) opened.headers.set("access-control-allow-headers", asked);
    opened.headers.append("vary", "Access-Control-Request-Headers");
    opened.headers.set("access-control-max-age", "600");
    return opened;
  }
}

function keyNeeded(): Response {
  const response = refusal(401, -32_001, "a key is needed: Authorization: Bearer <key>");
  response.headers.set("www-authenticate", 'Bearer realm="dheera_ai"');
  return response;
}
