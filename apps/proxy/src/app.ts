import { Hono } from "hono";

import { crossOrigin, mayCrossOrigin } from "./access/cross-origin.ts";
import { type PeerAddress, createHandle } from "./http/handle.ts";
import type { Gateway } from "./gateway/gateway.ts";
import { peerOfNode } from "./http/peer-of-node.ts";
import { docsRoutes } from "./routes/docs.ts";
import { healthRoutes } from "./routes/health.ts";
import { metricsRoutes } from "./routes/metrics.ts";
import { modelInfoRoutes } from "./routes/model-info.ts";
import { modelRoutes } from "./routes/models.ts";
import { openapiRoutes } from "./routes/openapi.ts";
import { playgroundRoutes } from "./routes/playground.ts";
import { rerankRoutes } from "./routes/rerank.ts";
import { wrongAddressRoutes } from "./routes/wrong-address.ts";
import { type GatewayRef, fixedGateway } from "./gateway/gateway-ref.ts";
import type { MetricsPage } from "./telemetry/telemetry.ts";

/** The proxy as a plain `fetch` handler, for any runtime. */
export interface App {
  fetch(request: Request, env?: unknown): Response | Promise<Response>;
}

export interface AppOptions {
  /** Tells who connected; by default what Node.js knows. Without an address only callers with a key are served. */
  readonly peerAddress?: PeerAddress;
  /** What `/metrics` shows; there is no such path when absent. */
  readonly metrics?: MetricsPage;
}

/** Serves from one gateway, or from whichever is current. */
export function createApp(source: Gateway | GatewayRef, { peerAddress = peerOfNode, metrics }: AppOptions = {}): App {
  const serving = "gateway" in source ? source : fixedGateway(source);
  const handle = createHandle(serving, peerAddress);
  const addRoutes = (app: Hono): Hono => {
    rerankRoutes(app, handle);
    modelRoutes(app, handle);
    modelInfoRoutes(app, handle);
    healthRoutes(app, handle);
    if (metrics) metricsRoutes(app, handle, metrics);
    openapiRoutes(app, handle);
    docsRoutes(app, handle);
    playgroundRoutes(app, handle);
    wrongAddressRoutes(app);
    return app;
  };
  const app = addRoutes(new Hono({ strict: false }));
  // Apart, because a middleware costs every request: those of other programs need none.
  const appForPages = addRoutes(new Hono({ strict: false }).use(crossOrigin(serving)));
  return { fetch: (request, env) => (mayCrossOrigin(serving, request) ? appForPages : app).fetch(request, env) };
}
