import { DheeraError, newReport } from "@dheera-ai/core";
import type { Hono } from "hono";

import type { Caller } from "../access/access.ts";
import { allowedModels, checkDocumentCount, checkModel } from "../access/permissions.ts";
import type { Doors } from "../http/handle.ts";
import { parseJson } from "../http/parse-json.ts";
import { readBody } from "../http/read-body.ts";
import { cohereExchange } from "../formats/cohere.ts";
import type { Exchange } from "../formats/request-format.ts";
import { isTeiRequest, teiErrorBody, teiExchange } from "../formats/tei.ts";
import { type Visit, respond } from "../http/request-context.ts";
import { refuseDestination } from "./refuse-destination.ts";

export const rerankPaths: readonly string[] = ["/rerank", "/v1/rerank", "/v2/rerank"];

export function rerankRoutes(app: Hono, doors: Doors): void {
  for (const path of rerankPaths) app.post(path, doors.guarded(path, rerank));
}

/** Reads the body, asks whether the caller may, and hands the request to core. */
async function rerank(visit: Visit, caller: Caller): Promise<Response> {
  const { gateway, callId } = visit;
  const mostBytes = gateway.config.general_settings.max_request_size_mb * 1_000_000;
  const { request, answer } = openExchange(
    parseJson(await readBody(visit.request, visit.env, mostBytes)),
    visit,
    caller,
  );
  visit.asked = request;
  const documents = countDocuments(request);
  checkModel(caller, request.model);
  checkServed(visit, request.model);
  checkDocumentCount(caller, documents);

  const leave = gateway.parallel.enter(caller);
  try {
    const spending = gateway.rates.spend(caller, documents);
    if (spending) {
      const { headers, refusal } = await spending;
      Object.assign(visit.headers, headers);
      if (refusal) throw refusal;
    }
    const report = (visit.report = newReport());
    return respond(
      visit,
      answer(await gateway.dheera.rerank(request, { callId, report, signal: visit.request.signal })),
    );
  } finally {
    leave();
  }
}

/** Finds out whose shape the body has. */
function openExchange(body: unknown, visit: Visit, caller: Caller): Exchange {
  const isTei = isTeiRequest(body);
  if (isTei) visit.shapeError = teiErrorBody;
  refuseDestination(body);
  return isTei ? teiExchange(body, allowedModels(caller, visit.gateway.dheera.models())[0]) : cohereExchange(body);
}

function countDocuments({ documents }: Exchange["request"]): number {
  return Array.isArray(documents) ? documents.length : 0;
}

/** Remembers the name where it is one of the configuration: any other could be anything, and telemetry keeps what it is told. */
function checkServed(visit: Visit, model: string): void {
  const { unserved, modelNames } = visit.gateway;
  const reason = unserved.get(model);
  if (reason !== undefined) throw new DheeraError("model_not_found", reason, { param: "model" });
  if (modelNames.has(model)) visit.modelName = model;
}
