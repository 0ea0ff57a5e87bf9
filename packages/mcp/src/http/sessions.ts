import { randomUUID } from "node:crypto";

import {
  type McpServerFactory,
  WebStandardStreamableHTTPServerTransport as Transport,
} from "@modelcontextprotocol/server";

import { refusal } from "./refusal.ts";

interface SessionOptions {
  readonly most: number;
  readonly idleSeconds: number;
  readonly maxRequestBodySize: number;
  readonly onerror: (error: Error) => void;
}

interface Session {
  readonly transport: Transport;
  /** Whose key began it: no other may go on with it. */
  readonly caller: string;
  /** Ends it when nothing has come for long. */
  readonly expiry: NodeJS.Timeout;
  /** Requests that are being answered, without the stream on which a client listens. */
  running: number;
}

/** The sessions of clients of 2025's protocol: as many as may be, each until it is idle for long. Oldest use first. */
export class Sessions {
  readonly #factory: McpServerFactory;
  readonly #options: SessionOptions;
  readonly #open = new Map<string, Session>();
  /** Requests that may begin a session, each of which has a place. */
  #beginning = 0;

  constructor(factory: McpServerFactory, options: SessionOptions) {
    this.#factory = factory;
    this.#options = options;
  }

  get size(): number {
    return this.#open.size;
  }

  async answer(request: Request, caller: string): Promise<Response> {
    const id = request.headers.get("mcp-session-id");
    if (id === null) return this.#begin(request, caller);
    const session = this.#open.get(id);
    // What clients take for the end of a session, after which they begin another one.
    if (session?.caller !== caller)
      return refusal(404, -32_001, "the session is not known, or has ended: begin another");
    this.#open.delete(id);
    this.#open.set(id, session);
    session.expiry.refresh();
    return this.#counted(session, request);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.keys()].map((id) => this.#end(id)));
  }

  /** A request without a session may only begin one; the transport refuses any other, for which no session ends. */
  async #begin(request: Request, caller: string): Promise<Response> {
    if (request.method !== "POST") return refusal(400, -32_000, "the request names no session: Mcp-Session-Id");
    const atWork = [...this.#open.values()].filter(({ running }) => running > 0).length;
    if (atWork + this.#beginning >= this.#options.most) return full();
    this.#beginning++;
    try {
      return await this.#tryToBegin(request, caller);
    } finally {
      this.#beginning--;
    }
  }

  async #tryToBegin(request: Request, caller: string): Promise<Response> {
    let kept = true;
    const transport: Transport = new Transport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => {
        kept = this.#makeRoom();
        if (kept) this.#keep(id, transport, caller);
      },
      onsessionclosed: (id) => this.#end(id),
      maxRequestBodySize: this.#options.maxRequestBodySize,
    });
    const server = await this.#factory({ era: "legacy", requestInfo: request });
    await server.connect(transport);
    const response = await transport.handleRequest(request);
    if (kept && transport.sessionId !== undefined) return response;
    await transport.close();
    return kept ? response : full();
  }

  #keep(id: string, transport: Transport, caller: string): void {
    const expiry = setTimeout(() => {
      if (this.#open.get(id)?.running) expiry.refresh();
      else void this.#end(id);
    }, this.#options.idleSeconds * 1_000);
    expiry.unref();
    this.#open.set(id, { transport, caller, expiry, running: 0 });
  }

  /** Whether there is room, if need be by ending the session that was used longest ago and waits for nothing. */
  #makeRoom(): boolean {
    if (this.#open.size < this.#options.most) return true;
    const [idle] = [...this.#open].find(([, { running }]) => running === 0) ?? [];
    if (idle === undefined) return false;
    // It is gone at once; only its streams end later.
    void this.#end(idle);
    return true;
  }

  async #counted(session: Session, request: Request): Promise<Response> {
    if (request.method !== "POST") return begunAtOnce(await session.transport.handleRequest(request));
    const ended = count(session);
    const response = await session.transport.handleRequest(request).catch((error: unknown) => {
      ended();
      throw error;
    });
    if (response.body) return new Response(watched(response.body, ended), response);
    ended();
    return response;
  }

  async #end(id: string): Promise<void> {
    const session = this.#open.get(id);
    if (!session) return;
    this.#open.delete(id);
    clearTimeout(session.expiry);
    await session.transport.close().catch(this.#options.onerror);
  }
}

function full(): Response {
  const response = refusal(503, -32_000, "as many sessions as may be are at work or just beginning: try again");
  response.headers.set("retry-after", "5");
  return response;
}

/** Node.js sends no head before a body begins: a client that only listens would wait for the first sign of life. */
function begunAtOnce(response: Response): Response {
  if (!response.body || response.headers.get("content-type") !== "text/event-stream") return response;
  const comment = new TransformStream<Uint8Array, Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode(": listening\n\n")),
  });
  return new Response(response.body.pipeThrough(comment), response);
}

/** Counts a request until it has ended, of which it may be told more than once. */
function count(session: Session): () => void {
  let isRunning = true;
  session.running++;
  return () => {
    if (isRunning) session.running--;
    isRunning = false;
  };
}

/** The same bytes, and word that they have ended, also by an error or because nobody reads them any more. */
function watched(body: ReadableStream<Uint8Array>, ended: () => void): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        ended();
        throw error;
      });
      if (!done) return controller.enqueue(value);
      ended();
      controller.close();
    },
    cancel(reason) {
      ended();
      return reader.cancel(reason);
    },
  });
}
