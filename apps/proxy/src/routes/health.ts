import { type Dheera, DheeraError } from "@dheera-ai/core";
import type { Hono } from "hono";

import type { Caller } from "../access/caller.ts";
import { obey } from "../access/limits/rate-limits.ts";
import { allowedModels, checkModel } from "../access/permissions.ts";
import type { EndpointHealth } from "../gateway/health/health-checks.ts";
import { serviceNames } from "../gateway/health/services.ts";
import type { Handle } from "../http/handle.ts";
import { answerJson } from "../http/json-response.ts";
import type { RequestContext } from "../http/request-context.ts";
import { managesAll } from "../sign-in/person.ts";
import { version } from "../version.ts";

export const livenessPaths: readonly string[] = ["/health/liveliness", "/health/liveness"];

/** Probes and checks; their answers have LiteLLM's format. */
export function healthRoutes(app: Hono, handle: Handle, whyUnable?: () => Promise<string | undefined>): void {
  for (const path of livenessPaths) app.get(path, handle.open(path, liveness));
  app.get(
    "/health/readiness",
    handle.open("/health/readiness", (context) => readiness(context, whyUnable)),
  );
  app.get(
    "/health",
    handle.seen(
      "/health",
      async (context, caller) => {
        const asked = new URL(context.request.url).searchParams.get("model");
        if (asked !== null) checkModel(caller, asked);
        const names = asked === null ? allowedModels(caller, context.gateway.dheera.models()) : [asked];
        return answerJson(context, reportOf(context, await checkWithinLimits(context, caller, new Set(names))));
      },
      managesAll,
    ),
  );
  app.get(
    "/health/services",
    handle.guarded("/health/services", async (context, caller) => {
      if (!caller.isMaster)
        throw new DheeraError("forbidden", "only the master key may ask for the health of services");
      return services(context);
    }),
  );
}

/** Checks call upstreams, so they count as requests of the caller. */
async function checkWithinLimits(
  { gateway, headers }: RequestContext,
  caller: Caller,
  names: ReadonlySet<string>,
): Promise<readonly EndpointHealth[]> {
  const leave = gateway.parallel.enter(caller);
  try {
    const verdict = gateway.rates.countRequest(caller);
    if (verdict) obey(verdict instanceof Promise ? await verdict : verdict, headers);
    return await gateway.health.results(names);
  } finally {
    leave();
  }
}

function liveness(context: RequestContext): Response {
  return context.state === "draining"
    ? answerJson(context, { status: "shutting_down" }, 503)
    : answerJson(context, "I'm alive!");
}

/** Why requests should go elsewhere now; undefined where they may come. */
export async function whyNotReady(
  { state }: RequestContext,
  whyUnable?: () => Promise<string | undefined>,
): Promise<{ readonly status: string; readonly reason?: string } | undefined> {
  if (state !== "serving") return { status: state === "draining" ? "shutting_down" : "starting" };
  const reason = await whyUnable?.();
  return reason === undefined ? undefined : { status: "unable", reason };
}

async function readiness(context: RequestContext, whyUnable?: () => Promise<string | undefined>): Promise<Response> {
  const reason = await whyNotReady(context, whyUnable);
  if (reason !== undefined) return answerJson(context, reason, 503);
  const { config, teams, batches } = context.gateway;
  const { cache, cache_params: params } = config.dheera_ai_settings;
  return answerJson(context, {
    // Known keys are served without the database, so that requests should go on coming.
    status: teams?.trouble ? "degraded" : "healthy",
    ...(teams && { db: teams.trouble ? "disconnected" : "connected" }),
    ...(teams && { spend_journal: teams.spending.figures().journalBytes > 0 ? "in_use" : "empty" }),
    ...(batches && { batches: batches.value.state() }),
    ...modelProcesses(context.gateway.dheera),
    cache: cache ? (params?.type ?? "local") : null,
    dheera_ai_version: version,
  });
}

/** How models are that run in child processes, the worst of all; nothing where there are none. */
function modelProcesses(dheera: Pick<Dheera, "deployments">): { readonly model_processes?: string } {
  const all = dheera.deployments().flatMap(({ processes }) => processes ?? []);
  if (all.length === 0) return {};
  if (all.some(({ isFailing }) => isFailing)) return { model_processes: "failing" };
  if (all.some(({ starting }) => starting > 0)) return { model_processes: "starting" };
  return { model_processes: all.some(({ serving }) => serving > 0) ? "running" : "asleep" };
}

async function services(context: RequestContext): Promise<Response> {
  const asked = new URL(context.request.url).searchParams.get("service");
  if (asked !== null && !serviceNames.some((name) => name === asked))
    throw new DheeraError("invalid_request", `service: must be one of ${serviceNames.join(", ")}`, {
      param: "service",
    });
  const all = await context.gateway.checkServices();
  const found = all.filter(({ name }) => asked === null || name === asked);
  const status = found.some((service) => service.status === "unhealthy") ? "unhealthy" : "healthy";
  return answerJson(context, { status, services: found }, status === "healthy" ? 200 : 503);
}

function reportOf({ gateway }: RequestContext, endpoints: readonly EndpointHealth[]): object {
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
