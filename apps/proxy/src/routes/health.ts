import { DheeraError } from "@dheera-ai/core";
import type { Hono } from "hono";

import { allowedModels, checkModel } from "../access/permissions.ts";
import type { Doors } from "../http/handle.ts";
import type { EndpointHealth } from "../gateway/health/health-checks.ts";
import { version } from "../version.ts";
import { type Visit, respond } from "../http/request-context.ts";

export const livenessPaths: readonly string[] = ["/health/liveliness", "/health/liveness"];

/** Probes and checks; their shapes are LiteLLM's. */
export function healthRoutes(app: Hono, doors: Doors): void {
  for (const path of livenessPaths) app.get(path, doors.open(path, liveness));
  app.get("/health/readiness", doors.open("/health/readiness", readiness));
  app.get(
    "/health",
    doors.guarded("/health", async (visit, caller) => {
      const asked = new URL(visit.request.url).searchParams.get("model");
      if (asked !== null) checkModel(caller, asked);
      const names = asked === null ? allowedModels(caller, visit.gateway.dheera.models()) : [asked];
      return respond(visit, reportOf(visit, await visit.gateway.health.results(new Set(names))));
    }),
  );
  app.get(
    "/health/services",
    doors.guarded("/health/services", async (visit, caller) => {
      if (!caller.isMaster)
        throw new DheeraError("forbidden", "only the master key may ask for the health of services");
      return services(visit);
    }),
  );
}

function liveness(visit: Visit): Response {
  return visit.state === "draining" ? respond(visit, { status: "shutting_down" }, 503) : respond(visit, "I'm alive!");
}

function readiness(visit: Visit): Response {
  if (visit.state !== "serving")
    return respond(visit, { status: visit.state === "draining" ? "shutting_down" : "starting" }, 503);
  const { cache, cache_params: params } = visit.gateway.config.dheera_ai_settings;
  return respond(visit, {
    status: "healthy",
    cache: cache ? (params?.type ?? "local") : null,
    dheera_ai_version: version,
  });
}

async function services(visit: Visit): Promise<Response> {
  const all = await visit.gateway.checkServices();
  const asked = new URL(visit.request.url).searchParams.get("service");
  const found = all.filter(({ name }) => asked === null || name === asked);
  if (found.length === 0)
    throw new DheeraError("invalid_request", `service: must be one of ${all.map(({ name }) => name).join(", ")}`, {
      param: "service",
    });
  const status = found.every((service) => service.status === "healthy") ? "healthy" : "unhealthy";
  return respond(visit, { status, services: found }, status === "healthy" ? 200 : 503);
}

function reportOf({ gateway }: Visit, endpoints: readonly EndpointHealth[]): object {
  const show = ({ model_id, model_name, details }: EndpointHealth): object =>
    gateway.config.general_settings.health_check_details
      ? { model_id, model_name, ...details }
      : { model_id, model_name };
  const healthy = endpoints.filter(({ isHealthy }) => isHealthy);
  const unhealthy = endpoints.filter(({ isHealthy }) => !isHealthy);
  return {
    healthy_endpoints: healthy.map(show),
    unhealthy_endpoints: unhealthy.map(show),
    healthy_count: healthy.length,
    unhealthy_count: unhealthy.length,
  };
}
