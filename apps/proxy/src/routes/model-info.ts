import { type CombinedStatus, type ParamSpec, type Price, deploymentParams } from "@dheera-ai/core";
import { knownProviders } from "@dheera-ai/providers";
import type { Hono } from "hono";

import { checkModel } from "../access/permissions.ts";
import type { Caller } from "../access/caller.ts";
import { type PairedDeployment, pairDeployments } from "../gateway/models/pair-deployments.ts";
import type { RefusedModel } from "../gateway/models/prepare-with-added.ts";
import { withoutCredentials } from "../gateway/models/without-credentials.ts";
import type { Handle } from "../http/handle.ts";
import { answerJson } from "../http/json-response.ts";
import type { RequestContext } from "../http/request-context.ts";
import { seesAll } from "../sign-in/person.ts";

export const modelInfoPaths: readonly string[] = ["/model/info", "/v1/model/info"];

/** Settings and state of each deployment and of each model name, in LiteLLM's format and without keys. */
export function modelInfoRoutes(app: Hono, handle: Handle): void {
  for (const path of modelInfoPaths)
    app.get(
      path,
      handle.seen(
        path,
        (context, caller) => {
          // Read where pages look again and again: on other routes it would keep requests out of the log that belong there.
          context.isBackground = context.request.headers.has("x-dheera-background");
          const asking = visibleCombined(context, caller).map((status) => showCombined(context, status));
          const refused = context.gateway.refused
            .filter((model) => visibility(context, caller)(model))
            .map((model) => showRefused(model));
          return answerJson(context, {
            data: [...visible(context, caller).map(showDeployment), ...asking, ...refused],
          });
        },
        seesAll,
      ),
    );
  app.get(
    "/model_group/info",
    handle.guarded("/model_group/info", (context, caller) => {
      const groups = Map.groupBy(visible(context, caller), ({ status }) => status.modelName);
      const asking = visibleCombined(context, caller).map(showCombinedGroup);
      const shown = [...groups].map(([name, deployments]) => showGroup(name, deployments));
      return answerJson(context, { data: [...shown, ...asking] });
    }),
  );
}

/** Deployments that the caller may use; `?model=` asks for those of one model name, `?litellm_model_id=` for one. */
function visible(context: RequestContext, caller: Caller): readonly PairedDeployment[] {
  const { served, dheera } = context.gateway;
  const isVisible = visibility(context, caller);
  return pairDeployments(served, dheera.deployments()).filter(({ status }) => isVisible(status));
}

/** The same for models that ask others. */
function visibleCombined(context: RequestContext, caller: Caller): readonly CombinedStatus[] {
  return context.gateway.dheera.combinedModels().filter(visibility(context, caller));
}

function visibility(
  { gateway, request }: RequestContext,
  caller: Caller,
): (one: { readonly id: string; readonly modelName: string }) => boolean {
  const { searchParams } = new URL(request.url);
  const [asked, id] = [searchParams.get("model"), searchParams.get("litellm_model_id")];
  const modelName = asked === null ? null : (gateway.dheera.wildcardOf(asked) ?? asked);
  if (asked !== null) checkModel(caller, modelName, asked);
  const allowed = caller.key?.models;
  return (one) =>
    (modelName === null || one.modelName === modelName) &&
    (id === null || one.id === id) &&
    (allowed === undefined || allowed.includes(one.modelName));
}

/** Parameters that are shown. Those of a provider are not, because they may hold a key. */
const shownParams = Object.entries<ParamSpec>(deploymentParams).flatMap(([name, { isShown }]) =>
  isShown ? [name] : [],
);

/** Providers whose models run in this process or beside it. */
const runningHere: ReadonlySet<string> = new Set(
  knownProviders().flatMap(({ name, runs_here }) => (runs_here ? [name] : [])),
);

function showDeployment({ status, entry }: PairedDeployment): object {
  const { api_base: base, ...params } = entry.dheera_ai_params;
  const shown = Object.fromEntries(
    shownParams.flatMap((name) => (params[name] === undefined ? [] : [[name, params[name]]])),
  );
  const place = { ...shown, ...(base !== undefined && { api_base: withoutCredentials(base) }) };
  const { profile } = status;
  return {
    model_name: status.modelName,
    dheera_ai_params: place,
    litellm_params: place,
    model_info: {
      ...pricesOf(profile?.price),
      ...entry.model_info,
      id: status.id,
      db_model: entry.isAdded === true,
      mode: "rerank",
      state: entry.unavailable === undefined ? status.state : "unavailable",
      ...(entry.unavailable !== undefined && { unavailable: entry.unavailable }),
      ...(status.lastError !== undefined && { last_error: status.lastError }),
      ...(runningHere.has(providerOf(params.model)) && { runs_here: true }),
      ...(status.latency && { latency_ms: status.latency }),
      documents_in_flight: status.documentsInFlight,
      documents_queued: status.documentsQueued,
      ...(status.background && {
        background: {
          documents_in_flight: status.background.documentsInFlight,
          documents_queued: status.background.documentsQueued,
        },
      }),
      ...(status.documentsAllowed !== undefined && { documents_allowed: status.documentsAllowed }),
      calls: status.calls,
      failures: status.failures,
      ...(profile && {
        score_kind: profile.scoreKind,
        scoring: profile.scoring,
        billing: profile.billing,
        limits: profile.limits,
        ...(profile.server !== undefined && { server: profile.server }),
        ...(profile.warnings && { warnings: profile.warnings }),
      }),
    },
  };
}

/** A model that asks others has no server, so that its members are what there is to see of it. */
function showCombined({ gateway }: RequestContext, { id, modelName, model, members }: CombinedStatus): object {
  const entry = gateway.served.find((other) => other.model_name === modelName);
  return {
    model_name: modelName,
    dheera_ai_params: { model },
    litellm_params: { model },
    model_info: {
      ...entry?.model_info,
      id,
      db_model: entry?.isAdded === true,
      mode: "rerank",
      state: "combined",
      members,
      documents_in_flight: 0,
      documents_queued: 0,
      calls: 0,
      failures: 0,
    },
  };
}

/** A deployment of the database that cannot serve: its parameters may be anything, so none but its model is shown. */
function showRefused({ id, modelName, model, reason, info }: RefusedModel): object {
  return {
    model_name: modelName,
    dheera_ai_params: { model },
    litellm_params: { model },
    model_info: {
      ...info,
      id,
      db_model: true,
      mode: "rerank",
      state: "unavailable",
      unavailable: reason,
      documents_in_flight: 0,
      documents_queued: 0,
      calls: 0,
      failures: 0,
    },
  };
}

function showCombinedGroup({ modelName, model }: CombinedStatus): object {
  return {
    model_group: modelName,
    mode: "rerank",
    providers: [providerOf(model)],
    deployments: 0,
    healthy_deployments: 0,
    score_kinds: [],
    rpm: null,
  };
}

/** By LiteLLM's names. */
function pricesOf({ perSearchUnit, perToken, perOutputToken }: Price = {}): object {
  return {
    ...(perSearchUnit !== undefined && { input_cost_per_query: perSearchUnit }),
    ...(perToken !== undefined && { input_cost_per_token: perToken }),
    ...(perOutputToken !== undefined && { output_cost_per_token: perOutputToken }),
  };
}

function showGroup(name: string, deployments: readonly PairedDeployment[]): object {
  const kinds = deployments.flatMap(({ status }) => status.profile?.scoreKind ?? []);
  const rates = deployments.map(({ entry }) => entry.dheera_ai_params.rpm);
  return {
    model_group: name,
    mode: "rerank",
    providers: [...new Set(deployments.map(({ entry }) => providerOf(entry.dheera_ai_params.model)))],
    deployments: deployments.length,
    healthy_deployments: deployments.filter(({ status }) => status.state === "healthy").length,
    score_kinds: [...new Set(kinds)],
    // With one unlimited deployment the group has no limit.
    rpm: rates.every((rate) => rate !== undefined) ? rates.reduce((sum, rate) => sum + rate, 0) : null,
  };
}

function providerOf(model: string): string {
  return model.includes("/") ? model.slice(0, model.indexOf("/")) : "";
}
