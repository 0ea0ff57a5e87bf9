import { type RequestReport, type RerankOptions, DheeraError, newReport } from "@dheera-ai/core";

import type { Caller } from "../access/caller.ts";
import type { BodyRoom } from "../access/limits/body-budget.ts";
import { type CountedTokens, obey } from "../access/limits/rate-limits.ts";
import { checkDocumentCount, checkModel, refuseDestination } from "../access/permissions.ts";
import type { Account } from "../access/spending/accounts.ts";
import { probableTokens } from "../access/spending/most-cost.ts";
import type { RequestFormat } from "../formats/request-format.ts";
import type { Gateway } from "../gateway/gateway.ts";
import { afterAnswer } from "../http/after-answer.ts";
import type { ResponseHeaders } from "../http/request-context.ts";

/** A request to rank while it is served, over HTTP or out of a batch, and what is noted of it. */
export interface RankContext {
  readonly gateway: Gateway;
  readonly callId: string;
  readonly request: Pick<Request, "signal" | "headers">;
  /** What the runtime hands over beside the request. */
  readonly env: unknown;
  /** Limits that were counted, and what a format says beside its answer. */
  readonly headers: ResponseHeaders;
  /** It is out of a batch: whoever waits for an answer goes first. */
  readonly isOfBatch?: boolean;
  modelName?: string;
  asked?: RequestFormat["request"];
  /** US dollars that the answer cost, where that is known. */
  cost?: number | undefined;
  report?: RequestReport;
  account?: Account;
}

/** Where a request comes from, and how it is answered. */
export interface RankSource<Answer> {
  /** Reads the body once there is room for it. */
  readBody(room: BodyRoom): Promise<unknown>;
  /** @throws DheeraError `invalid_request` */
  format(body: unknown): RequestFormat;
  answer(body: unknown): Answer;
}

/**
 * Takes the caller's places and room for the body before it reads anything, checks what the caller may do, and hands the
 * request to core.
 */
export async function rankAsked<Answer>(
  context: RankContext,
  caller: Caller,
  source: RankSource<Answer>,
): Promise<Answer> {
  const { gateway } = context;
  const leave = gateway.parallel.enter(caller);
  const room = gateway.bodies.room(caller, () => context.request.signal);
  let tokens: CountedTokens | undefined;
  try {
    const verdict = gateway.rates.countRequest(caller);
    if (verdict) obey(verdict instanceof Promise ? await verdict : verdict, context.headers);
    // All steps that wait stand here: a function of its own for some of them would be another promise of each request.
    const body = await source.readBody(room);
    const format = source.format(body);
    refuseDestination(body);
    const documents = checkAsked(context, caller, format.request);
    const counted = gateway.rates.countDocuments(caller, documents);
    if (counted) obey(counted instanceof Promise ? await counted : counted, context.headers);
    const estimated = gateway.rates.countTokens(caller, () => probableTokens(format.request));
    if (estimated) {
      const taken = estimated instanceof Promise ? await estimated : estimated;
      obey(taken, context.headers);
      tokens = taken;
    }
    const account = openAccount(context, caller, format.request);
    if (account) context.account = account instanceof Promise ? await account : account;
    const options = optionsOf(context, caller, documents, counted !== undefined);
    const response = await gateway.dheera.rerank(format.request, options);
    context.cost = response.usage?.cost;
    if (format.headers) Object.assign(context.headers, format.headers(response));
    return source.answer(format.answer(response));
  } finally {
    tokens?.settle(context.report?.tokens ?? 0);
    room.leave();
    leave();
  }
}

/** Checks what the caller may do. @returns how many documents there are */
function checkAsked(context: RankContext, caller: Caller, request: RequestFormat["request"]): number {
  context.asked = request;
  demandModel(request.model);
  const documents = countDocuments(request);
  const modelName = modelNameOf(context, request.model);
  checkModel(caller, modelName, request.model);
  checkServed(context, modelName);
  checkDocumentCount(caller, documents);
  return documents;
}

/** Takes room in the caller's budgets; undefined without a database, and for a model that core will not find. */
function openAccount(
  { gateway, modelName }: RankContext,
  caller: Caller,
  request: RequestFormat["request"],
): Account | Promise<Account> | undefined {
  return modelName === undefined ? undefined : gateway.accounts?.open(caller, request, modelName);
}

/** @param isCounted its documents count against a limit, so its chunks do */
function optionsOf(context: RankContext, caller: Caller, documents: number, isCounted: boolean): RerankOptions {
  const { gateway, callId } = context;
  const { general_settings: settings, dheera_ai_settings: product } = gateway.config;
  return {
    callId,
    report: (context.report = newReport()),
    beforeChunks:
      isCounted || caller.key?.max_documents !== undefined ? countChunks(context, caller, documents) : undefined,
    signal: context.request.signal,
    tenant: tenantOf(context, caller),
    session: gateway.readsSessions ? sessionOf(context, caller) : undefined,
    cacheNamespace: product.cache_params?.namespace_per_key ? caller.id : undefined,
    requestFallbackModels: caller.key?.models,
    fallbackModels: settings.fallbacks_within_key_models ? caller.key?.models : undefined,
    afterAnswer: gateway.hasShadows ? (run) => afterAnswer(context.env, run) : undefined,
  };
}

/** Lines of a batch get what nobody wants who waits for an answer. */
function tenantOf({ isOfBatch }: RankContext, { name, key }: Caller): RerankOptions["tenant"] {
  return isOfBatch ? { id: `batch ${name}`, priority: "background" } : { id: name, priority: key?.priority };
}

/** Headers that name a person or a conversation; the second is LiteLLM's. */
export const sessionHeaders = ["x-dheera-ai-session-id", "x-litellm-session-id"] as const;

/** Callers without a key of their own share a name, so that it would say nothing of them. */
function sessionOf({ request }: RankContext, { key }: Caller): string {
  const named = sessionHeaders.map((name) => request.headers.get(name)).find(Boolean);
  return named ?? key?.name ?? crypto.randomUUID();
}

/** Counts chunks beyond what was counted already. */
function countChunks(context: RankContext, caller: Caller, counted: number): (chunks: number) => Promise<void> {
  let most = counted;
  return async (chunks) => {
    checkDocumentCount(caller, chunks);
    const more = context.gateway.rates.countDocuments(caller, Math.max(0, chunks - most));
    if (more) obey(await more, context.headers);
    most = Math.max(most, chunks);
  };
}

function countDocuments({ documents }: RequestFormat["request"]): number {
  return Array.isArray(documents) ? documents.length : 0;
}

/** A field that is missing is no lack of permission. */
function demandModel(model: unknown): void {
  if (model !== undefined && model !== null) return;
  throw new DheeraError("invalid_request", "model: is required: a model name of the configuration", { param: "model" });
}

/**
 * A request may name one deployment by its id, or a model that an asterisk stands for: permissions and telemetry are for the
 * configured name.
 */
function modelNameOf({ gateway }: RankContext, model: string): string {
  // What a body calls a model may be anything; core refuses what is no text.
  if (typeof model !== "string" || gateway.modelNames.has(model)) return model;
  return gateway.namesById.get(model) ?? gateway.dheera.wildcardOf(model) ?? model;
}

/**
 * Records the model name only if it is configured: any other text could be anything, and telemetry keeps the names it
 * gets.
 */
function checkServed(context: RankContext, model: string): void {
  const { unserved, modelNames } = context.gateway;
  const reason = unserved.get(model);
  if (reason !== undefined) throw new DheeraError("model_not_found", reason, { param: "model" });
  if (modelNames.has(model)) context.modelName = model;
}
