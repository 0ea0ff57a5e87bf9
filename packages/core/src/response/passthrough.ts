import type { RerankResponse } from "../request/api.ts";
import type { RequestContext } from "../dispatch/context.ts";
import type { DheeraError } from "../errors.ts";
import type { CheckedRequest } from "../request/parse-request.ts";
import { respond } from "./respond.ts";

/** The answer of `on_error: passthrough`: the input order, all scores 0, and `meta.reranked: false` with the reason, so that nobody takes it for a ranking. */
export function passThrough(
  request: CheckedRequest,
  failure: DheeraError,
  { callId, report, observer }: RequestContext,
): RerankResponse {
  report.passthrough = failure.code;
  observer?.event?.({ type: "passthrough", callId, modelName: request.model, code: failure.code });
  return respond(request, {
    id: callId,
    modelName: request.model,
    positions: [...request.texts.keys()].slice(0, request.topN),
    scores: new Float64Array(request.texts.length),
    scoreKind: "unknown",
    computedDocuments: 0,
    cachedDocuments: 0,
    passedThrough: true,
    warnings: [`not reranked, the documents are in the order they were sent: ${failure.message}`],
  });
}
