import { isDheeraError } from "@dheera-ai/core";
import { Hono } from "hono";
import { getPathNoStrict } from "hono/utils/url";

import { crossOrigin } from "./access/cross-origin.ts";
import { type GatewayRef, fixedGateway } from "./gateway/gateway-ref.ts";
import type { Gateway } from "./gateway/gateway.ts";
import { errorBody } from "./formats/error-body.ts";
import { checkAddress } from "./http/address.ts";
import { type PeerAddress, callIdOf, createHandle } from "./http/handle.ts";
import { jsonResponse } from "./http/json-response.ts";
import { batchRoutes } from "./routes/batches/batch-routes.ts";
import { batchesPageRoute } from "./routes/batches/batches-page.ts";
import { docsRoutes } from "./routes/docs.ts";
import { healthRoutes } from "./routes/health.ts";
import { routeLists } from "./routes/list-routes.ts";
import { managementRoutes } from "./routes/management/management-routes.ts";
import { manageModelRoutes } from "./routes/management/models.ts";
import { metricsRoutes } from "./routes/metrics.ts";
import { modelInfoRoutes } from "./routes/model-info.ts";
import { modelRoutes } from "./routes/models.ts";
import { openapiRoutes } from "./routes/openapi.ts";
import { playgroundRoutes } from "./routes/playground.ts";
import { ownRerankHandlers, rerankRoutes } from "./routes/rerank.ts";
import { weaviateServiceRoutes } from "./routes/search-engines/weaviate-service.ts";
import { signInRoutes } from "./routes/sign-in.ts";
import { shadowInfoRoute } from "./routes/shadow-info.ts";
import { teamsPageRoute } from "./routes/teams-page.ts";
import { teiInfoRoute } from "./routes/tei-info.ts";
import { wrongAddressRoutes } from "./routes/wrong-address.ts";
import { peerOfNode } from "./server/runtime/node-request.ts";
import type { MetricsPage } from "./telemetry/telemetry.ts";

/** The proxy as a plain `fetch` handler, for any runtime. */
export interface App {
  fetch(request: Request, env?: unknown): Response | Promise<Response>;
}

export interface AppOptions {
  /**
   * Looks up the address of the peer that connected; by default what Node.js knows. Without an address only callers
   * with a key are served.
   */
  readonly peerAddress?: PeerAddress;
  /** What `/metrics` shows; there is no such path when absent. */
  readonly metrics?: MetricsPage;
  /** What `/shadow/info` sums up; `metrics` when absent, and there is no such path without either. */
  readonly figures?: MetricsPage;
  /** Says why this process cannot serve now, for readiness; it always can when absent. */
  readonly whyUnable?: () => Promise<string | undefined>;
}

/** Serves from one gateway, or from the current one of a reference whose gateway is replaced on reload. */
export function createApp(
  source: Gateway | GatewayRef,
  { peerAddress = peerOfNode, metrics, figures = metrics, whyUnable }: AppOptions = {},
): App {
  const current = "gateway" in source ? source : fixedGateway(source);
  const handle = createHandle(current, peerAddress);
  const addRoutes = (app: Hono): Hono => {
    rerankRoutes(app, handle);
    batchRoutes(app, handle);
    modelRoutes(app, handle);
    teiInfoRoute(app, handle);
    weaviateServiceRoutes(app, handle, whyUnable);
    modelInfoRoutes(app, handle);
    manageModelRoutes(app, handle);
    healthRoutes(app, handle, whyUnable);
    if (metrics) metricsRoutes(app, handle, metrics);
    if (figures) shadowInfoRoute(app, handle, figures);
    openapiRoutes(app, handle);
    docsRoutes(app, handle);
    playgroundRoutes(app, handle);
    signInRoutes(app, handle, peerAddress);
    teamsPageRoute(app, handle);
    batchesPageRoute(app, handle);
    managementRoutes(app, handle);
    routeLists(app, handle);
    wrongAddressRoutes(app);
    return app;
  };
  const app = addRoutes(new Hono({ getPath: pathOf }));
  // A second app, because a middleware costs time in every request, and requests of programs other than browsers need
  // none.
  const appForPages = addRoutes(new Hono({ getPath: pathOf }).use(crossOrigin(current)));
  // Nearly all requests are rankings, and what Hono makes of a request takes a twentieth of a small one's memory.
  const rankings = ownRerankHandlers(handle);
  return {
    fetch: (request, env) => {
      // A percent sign is rare, and looking for one costs less than anything else that is done with the address.
      const refusal = request.url.includes("%") ? refuseAddress(request) : undefined;
      if (refusal) return refusal;
      if (mayNeedCrossOrigin(current, request)) return appForPages.fetch(request, env);
      const rank = request.method === "POST" ? rankings.get(pathOf(request)) : undefined;
      return rank ? rank({ req: { raw: request }, env }) : app.fetch(request, env);
    },
  };
}

/** The answer to an address that cannot be read; undefined for all others. */
function refuseAddress({ url, headers }: Request): Response | undefined {
  try {
    checkAddress(url);
    return undefined;
  } catch (error) {
    if (!isDheeraError(error)) throw error;
    const id = callIdOf(headers);
    return jsonResponse(errorBody(error, id), error.status, { "x-dheera-call-id": id });
  }
}

/** Whether a page sent the request and pages of some origins may call the proxy. */
function mayNeedCrossOrigin({ gateway }: GatewayRef, { headers }: Request): boolean {
  return gateway.config.general_settings.cors_allowed_origins !== undefined && headers.has("origin");
}

/**
 * The path that routes are found by: without a slash at the end, and with single slashes where it is one for reranking,
 * because a base URL that ends in a slash makes `//v1/rerank`. Other paths stay as they are, so that a filter before the
 * proxy sees the path that is served.
 */
function pathOf(request: Request): string {
  const path = getPathNoStrict(request);
  return path.includes("//") && rankingEnd.test(path) ? path.replaceAll(/\/{2,}/g, "/") : path;
}

/** How paths for ranking end, in every format. */
const rankingEnd = /\/(reranks?|reranking|ranking|score|text-rerank)$/;
