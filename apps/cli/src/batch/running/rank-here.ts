import type { LineAnswer, RankLine } from "@dheera-ai/batch";
import { type Dheera, DheeraError, type RerankRequest, isDheeraError, newReport } from "@dheera-ai/core";
import { CostLedger, ExpectedCost, type MeasuredModel } from "@dheera-ai/eval";
import { cohereFormat, errorBody, refuseDestination } from "@dheera-ai/proxy/reporting";

import { pricedRequestOf } from "./priced-request.ts";

/** Why nothing more is to be asked. */
export type Halt = { readonly kind: "cost" } | { readonly kind: "refused"; readonly error: DheeraError };

export interface RankHereOptions {
  readonly dheera: Dheera;
  readonly models: readonly MeasuredModel[];
  /** Model names that run in this process, where nobody bills anything. */
  readonly free: ReadonlySet<string>;
  readonly ledger: CostLedger;
  /** There is a ceiling. */
  readonly isLimited: boolean;
  /** Called once, for the first reason. */
  readonly halt: (why: Halt) => void;
  /** Told how many pairs a request had that was ranked. */
  readonly onRanked: (pairs: number) => void;
}

/** Ranks the lines of a batch by models of this process, and answers as `POST /v1/rerank` does. */
export function rankHere(options: RankHereOptions): RankLine {
  const { dheera, free, ledger, halt, isLimited, onRanked } = options;
  const expected = new Map(options.models.map(({ name, worstCost }) => [name, new ExpectedCost(worstCost)]));
  return async ({ body, signal }) => {
    let reserved = 0;
    let learn: ((cost: number) => void) | undefined;
    const settle = (cost: number): void => {
      ledger.settle(reserved, cost);
      reserved = 0;
    };
    try {
      refuseDestination(body);
      const { request: asked, answer } = cohereFormat(body);
      // A ceiling can be held for the model that is named alone.
      const request: RerankRequest = isLimited ? { ...asked, fallbacks: undefined, disable_fallbacks: true } : asked;
      if (isLimited) {
        const costs = expected.get(request.model);
        if (!costs) throw withoutPrice(request.model);
        const most = costs.of(pricedRequestOf(request));
        if (!(await ledger.reserve([most]))) {
          halt({ kind: "cost" });
          return later("the ceiling of --max_cost is reached");
        }
        reserved = most;
        learn = (cost) => costs.learn(most, cost);
      }
      const response = await dheera.rerank(request, { signal, report: newReport() });
      const cost = response.usage?.cost ?? (free.has(request.model) ? 0 : undefined);
      learn?.(cost ?? reserved);
      settle(cost ?? reserved);
      if (response.meta.reranked === false) return later("no deployment could rank");
      onRanked(request.documents.length);
      return { status: 200, body: answer(response), requestId: response.id, cost };
    } catch (error) {
      // What was given up, or failed behind the door, may be billed all the same.
      settle(isDheeraError(error) && costsNothing.has(error.code) ? 0 : reserved);
      if (!isDheeraError(error)) throw error;
      if (error.code === "provider_auth") {
        halt({ kind: "refused", error });
        return later(error.message);
      }
      return failure(error);
    }
  };
}

const costsNothing: ReadonlySet<DheeraError["code"]> = new Set([
  "invalid_request",
  "model_not_found",
  "request_too_large",
  "provider_auth",
  "provider_unreachable",
  "provider_starting",
]);

function failure(error: DheeraError): LineAnswer {
  const answer = { status: error.status, body: errorBody(error, "") };
  if (error.code === "provider_starting") return { ...answer, retryLater: error.message, retryAfter: error.retryAfter };
  // A text may make a server refuse or die, which others that are served tell.
  if (error.code === "provider_unreachable" || error.code === "provider_overloaded")
    return { ...answer, retryLater: error.message, isRefusal: isAsked(error), retryAfter: error.retryAfter };
  return { ...answer, retryAfter: error.retryAfter };
}

/** Else the queue before the servers was full. */
function isAsked({ code, upstream }: DheeraError): boolean {
  return code !== "provider_overloaded" || upstream?.status !== undefined;
}

function later(reason: string): LineAnswer {
  return { status: 503, body: null, retryLater: reason };
}

function withoutPrice(model: unknown): DheeraError {
  return new DheeraError(
    "invalid_request",
    `model: what requests of ${typeof model === "string" ? JSON.stringify(model.slice(0, 200)) : "this model"} cost is not known, and --max_cost is a ceiling for the models that are named`,
    { param: "model" },
  );
}
