import { lookup } from "node:dns/promises";

import { DheeraError } from "@dheera-ai/core";

import type { App } from "../../app.ts";
import { errorBody } from "../../formats/error-body.ts";
import { jsonResponse } from "../../http/json-response.ts";
import type { Logger } from "../../telemetry/telemetry.ts";
import { refuseAddress } from "./bad-request.ts";
import type { Bun, BunServer } from "./bun.ts";
import type { ListenOptions, Listener } from "./runtime.ts";
import { stopOnBun } from "./graceful-stop-on-bun.ts";
import { WaitingRequests } from "./waiting-requests.ts";

const limits = {
  // Longer than the idle time of common load balancers (60 s), so that the proxy never closes a connection that a load
  // balancer is about to use.
  idleTimeout: 75,
  // The app limits the size of a body, because its answer says so; Bun's own answer would be empty.
  maxRequestBodySize: Number.MAX_SAFE_INTEGER,
} as const;

/** Listens with `Bun.serve`. */
export async function listenOnBun(bun: Bun, app: App, options: ListenOptions): Promise<Listener> {
  const { host, port, isShared, isDraining, log } = options;
  const waiting = new WaitingRequests();
  const answer = async (request: Request, server: BunServer): Promise<Response> => {
    const addressed = withWholeUrl(request);
    if (!addressed) return refuseAddress();
    const place = waiting.add(request);
    try {
      const response = await app.fetch(addressed, new BunPeer(server, request));
      if (isDraining()) response.headers.set("connection", "close");
      return response;
    } finally {
      waiting.delete(place);
    }
  };
  const server = bun.serve({
    ...limits,
    hostname: await addressOf(host),
    port,
    reusePort: isShared,
    ...(options.keepAliveTimeout !== undefined && { idleTimeout: Math.min(options.keepAliveTimeout, 255) }),
    ...(options.tls && { tls: options.tls }),
    development: false,
    fetch: answer,
    error: (error) => answerUnexpected(error, log),
  });
  const stopExtending = waiting.extendTimeouts(server);
  return {
    port: server.port,
    async stop(inFlight, timeoutMs) {
      await stopOnBun(server, inFlight, timeoutMs);
      stopExtending();
    },
  };
}

/**
 * Handed to the app with each request. It looks the address up only when the app reads it, because the look-up costs
 * time.
 */
export class BunPeer {
  readonly #server: BunServer;
  readonly #request: Request;

  constructor(server: BunServer, request: Request) {
    this.#server = server;
    this.#request = request;
  }

  /** Undefined once the request has been answered, or its client has gone. */
  get address(): string | undefined {
    return this.#server.requestIP(this.#request)?.address;
  }
}

/**
 * The address that a host name stands for. Bun reports an unknown name like any other invalid argument, so it is looked
 * up before.
 */
export async function addressOf(host: string): Promise<string> {
  const { address } = await lookup(host);
  return address;
}

/**
 * The request with a whole URL, which Bun makes from a valid host header only; undefined where the header is not valid.
 */
function withWholeUrl(request: Request): Request | undefined {
  if (!request.url.startsWith("/")) return request;
  // HTTP/1.0 has no Host header, and some load balancers still send probes with it.
  return request.headers.get("host") ? undefined : new Request(`http://localhost${request.url}`, request);
}

/** The app answers its own errors; this one was thrown before or after it. */
function answerUnexpected(error: unknown, log: Logger): Response {
  const id = crypto.randomUUID();
  log.error("a request failed unexpectedly", { call_id: id, error });
  const failure = new DheeraError("internal", `something went wrong here; the proxy's log has it under the id ${id}`, {
    cause: error,
  });
  return jsonResponse(errorBody(failure, id), failure.status);
}
