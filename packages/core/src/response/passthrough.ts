import type { CombinedModels } from "../combining/combined-models.ts";
import type { RequestContext } from "../dispatch/context.ts";
import type { DheeraError } from "../errors.ts";
import type { RerankResponse } from "../request/api.ts";
import type { CheckedRequest } from "../request/parse-request.ts";
import type { Group } from "../routing/route.ts";
import { explain } from "./explain.ts";
import { resultsOf } from "./respond.ts";

/** Whether the configuration of the model name wants an answer although no deployment could rank. */
export function mayPassThrough(
  { retryable }: DheeraError,
  [group]: readonly Group[],
  combined: CombinedModels | undefined,
): boolean {
  if (!retryable || group === undefined) return false;
  const own = combined?.of(group)?.entry.dheera_ai_params;
  return own ? own.on_error === "passthrough" : group.some(({ params }) => params.on_error === "passthrough");
}

/**
 * The answer of `on_error: passthrough`: the input order, all scores 0, and `meta.reranked: false` with the reason, so
 * that it is not taken for a ranking.
 */
export function passThrough(request: CheckedRequest, failure: DheeraError, context: RequestContext): RerankResponse {
  const { callId, report, observer, callLog } = context;
  report.passthrough = failure.code;
  observer?.event?.({ type: "passthrough", callId, modelName: request.model, code: failure.code });
  const positions = [...request.texts.keys()].slice(0, request.topN);
  return {
    id: callId,
    model: request.model,
    results: resultsOf(request, positions, new Float64Array(request.texts.length)),
    meta: {
      api_version: { version: "2", is_experimental: false },
      billed_units: { search_units: 0 },
      score_kind: "unknown",
      reranked: false,
      warnings: [
        ...request.warnings,
        `not reranked, the documents are in the order they were sent: ${failure.message}`,
      ],
      ...(callLog && { explain: explain(context, callLog, []) }),
    },
  };
}
