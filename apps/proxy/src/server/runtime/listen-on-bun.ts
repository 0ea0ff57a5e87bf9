import { lookup } from "node:dns/promises";

import { DheeraError } from "@dheera-ai/core";

import type { App } from "../../app.ts";
import { jsonResponse } from "../../http/json-response.ts";
import { errorBody } from "../../formats/error-body.ts";
import type { Logger } from "../../telemetry/telemetry.ts";
import { refuseAddress } from "./bad-request.ts";
import type { Bun, BunServer } from "./bun.ts";
import { BunPeer } from "./peer-of-bun.ts";
import type { ListenOptions, Listener } from "./runtime.ts";
import { stopOnBun } from "./stop-on-bun.ts";
import { WaitingRequests } from "./waiting-requests.ts";

const limits = {
  // Longer than the idle time of common load balancers (60 s), so that it is never we who close a connection they are about to use.
  idleTimeout: 75,
  // How large a body may be is the app's business, whose answer says so; Bun's own would be empty.
  maxRequestBodySize: Number.MAX_SAFE_INTEGER,
} as const;

/** Listens with `Bun.serve`. */
export async function listenOnBun(bun: Bun, app: App, options: ListenOptions): Promise<Listener> {
  const { host, port, isShared, isDraining, log } = options;
  const waiting = new WaitingRequests();
  const answer = async (request: Request, server: BunServer): Promise<Response> => {
    const addressed = address(request);
    if (!addressed) return refuseAddress();
    waiting.add(request);
    try {
      const response = await app.fetch(addressed, new BunPeer(server, request));
      if (isDraining()) response.headers.set("connection", "close");
      return response;
    } finally {
      waiting.delete(request);
    }
  };
  const server = bun.serve({
    ...limits,
    hostname: await addressOf(host),
    port,
    reusePort: isShared,
    development: false,
    fetch: answer,
    error: (error) => answerFault(error, log),
  });
  const letGo = waiting.hold(server);
  return {
    port: server.port,
    async stop(inFlight, most) {
      await stopOnBun(server, inFlight, most);
      letGo();
    },
  };
}

/** What a name stands for; Bun does not tell an unknown one from other mistakes. */
export async function addressOf(host: string): Promise<string> {
  const { address: found } = await lookup(host);
  return found;
}

/** The request with a whole URL, which Bun makes from a valid host header only; undefined for one that is not. */
function address(request: Request): Request | undefined {
  if (!request.url.startsWith("/")) return request;
  // HTTP/1.0 has no Host header, and some load balancers still probe with it.
  return request.headers.get("host") ? undefined : new Request(`http://localhost${request.url}`, request);
}

/** The app answers its own faults; this one was on the way to it. */
function answerFault(error: unknown, log: Logger): Response {
  const id = crypto.randomUUID();
  log.error("a request failed unexpectedly", { call_id: id, error });
  const failure = new DheeraError("internal", `something went wrong here; the proxy's log has it under the id ${id}`, {
    cause: error,
  });
  return jsonResponse(errorBody(failure, id), failure.status);
}
