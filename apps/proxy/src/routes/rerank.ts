import { DheeraError, type RerankOptions, newReport } from "@dheera-ai/core";
import type { Hono } from "hono";

import type { Caller } from "../access/caller.ts";
import type { BodyRoom } from "../access/limits/body-budget.ts";
import { type CountedTokens, obey } from "../access/limits/rate-limits.ts";
import { checkDocumentCount, checkModel, firstModel, refuseDestination } from "../access/permissions.ts";
import type { Account } from "../access/spending/accounts.ts";
import { probableTokens } from "../access/spending/most-cost.ts";
import { cohereFormat } from "../formats/cohere.ts";
import { foreignFormats } from "../formats/foreign/all-foreign.ts";
import type { ForeignFormat, RequestFormat } from "../formats/request-format.ts";
import { teiErrorBody, teiFormat } from "../formats/tei.ts";
import { afterAnswer } from "../http/after-answer.ts";
import type { Handle } from "../http/handle.ts";
import { answerJson } from "../http/json-response.ts";
import { readJsonBody } from "../http/read-json-body.ts";
import type { RequestContext } from "../http/request-context.ts";

export const rerankPaths: readonly string[] = ["/rerank", "/v1/rerank", "/v2/rerank"];

/** Where requests of Text Embeddings Inference are taken too; elsewhere an answer has one shape. */
export const teiPaths: readonly string[] = ["/rerank"];

/** Other addresses under which clients ask for the same. */
export const rerankAliases: Readonly<Record<string, string>> = {
  // llama.cpp's own.
  "/reranking": "/rerank",
  "/v1/reranking": "/v1/rerank",
  // Cohere's client for the second version adds its version to a base URL that ends in one.
  "/v1/v1/rerank": "/v1/rerank",
  "/v1/v2/rerank": "/v2/rerank",
  "/v2/v2/rerank": "/v2/rerank",
};

export function rerankRoutes(app: Hono, handle: Handle): void {
  for (const path of rerankPaths) {
    const read = teiPaths.includes(path) ? readOwnOrTei : readOwn;
    const handler = handle.guarded(path, (context, caller) => rerank(context, caller, read));
    app.post(path, handler);
    for (const [alias, meant] of Object.entries(rerankAliases)) if (meant === path) app.post(alias, handler);
  }
  for (const format of foreignFormats) {
    const read: ReadFormat = (body, context, caller) => readForeign(format, body, context, caller);
    const handler = handle.guarded(format.path, (context, caller) => rerank(context, caller, read), format.error);
    for (const path of [format.path, ...format.aliases]) app.post(path, handler);
  }
  app.post(
    checkKeyPath,
    handle.guarded(checkKeyPath, (context) => answerJson(context, { valid: true })),
  );
}

/** Where Cohere's client asks whether its key is good; a bad one has been refused before. */
export const checkKeyPath = "/v1/check-api-key";

/**
 * Takes the caller's places and room for the body before it reads anything, checks what the caller may do, and hands the
 * request to core.
 */
async function rerank(context: RequestContext, caller: Caller, read: ReadFormat): Promise<Response> {
  const { gateway } = context;
  const leave = gateway.parallel.enter(caller);
  const room = gateway.bodies.room(caller, () => context.request.signal);
  let tokens: CountedTokens | undefined;
  try {
    const verdict = gateway.rates.countRequest(caller);
    if (verdict) obey(verdict instanceof Promise ? await verdict : verdict, context.headers);
    // All steps that wait stand here: a function of its own for some of them would be another promise of each request.
    const body = await readBody(context, room);
    const format = read(body, context, caller);
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
    return answerJson(context, format.answer(response));
  } finally {
    tokens?.settle(context.report?.tokens ?? 0);
    room.leave();
    leave();
  }
}

function readBody({ request, env, gateway }: RequestContext, room: BodyRoom): Promise<unknown> {
  const { max_request_size_mb, max_request_values: mostValues } = gateway.config.general_settings;
  return readJsonBody(request, env, { mostBytes: max_request_size_mb * 1_000_000, mostValues }, room);
}

/** Checks what the caller may do. @returns how many documents there are */
function checkAsked(context: RequestContext, caller: Caller, request: RequestFormat["request"]): number {
  context.asked = request;
  const documents = countDocuments(request);
  const modelName = modelNameOf(context, request.model);
  checkModel(caller, modelName, request.model);
  checkServed(context, modelName);
  checkDocumentCount(caller, documents);
  return documents;
}

/** Takes room in the caller's budgets; undefined without a database, and for a model that core will not find. */
function openAccount(
  { gateway, modelName }: RequestContext,
  caller: Caller,
  request: RequestFormat["request"],
): Account | Promise<Account> | undefined {
  return modelName === undefined ? undefined : gateway.accounts?.open(caller, request, modelName);
}

/** @param isCounted its documents count against a limit, so its chunks do */
function optionsOf(context: RequestContext, caller: Caller, documents: number, isCounted: boolean): RerankOptions {
  const { gateway, callId } = context;
  const { general_settings: settings, dheera_ai_settings: product } = gateway.config;
  return {
    callId,
    report: (context.report = newReport()),
    beforeChunks:
      isCounted || caller.key?.max_documents !== undefined ? countChunks(context, caller, documents) : undefined,
    signal: context.request.signal,
    tenant: { id: caller.name, priority: caller.key?.priority },
    session: gateway.readsSessions ? sessionOf(context, caller) : undefined,
    cacheNamespace: product.cache_params?.namespace_per_key ? caller.id : undefined,
    requestFallbackModels: caller.key?.models,
    fallbackModels: settings.fallbacks_within_key_models ? caller.key?.models : undefined,
    afterAnswer: gateway.hasShadows ? (run) => afterAnswer(context.env, run) : undefined,
  };
}

/** Headers that name a person or a conversation; the second is LiteLLM's. */
export const sessionHeaders = ["x-dheera-ai-session-id", "x-litellm-session-id"] as const;

/** Callers without a key of their own share a name, so that it would say nothing of them. */
function sessionOf({ request }: RequestContext, { key }: Caller): string {
  const named = sessionHeaders.map((name) => request.headers.get(name)).find(Boolean);
  return named ?? key?.name ?? crypto.randomUUID();
}

/** Counts chunks beyond what was counted already. */
function countChunks(context: RequestContext, caller: Caller, counted: number): (chunks: number) => Promise<void> {
  let most = counted;
  return async (chunks) => {
    checkDocumentCount(caller, chunks);
    const more = context.gateway.rates.countDocuments(caller, Math.max(0, chunks - most));
    if (more) obey(await more, context.headers);
    most = Math.max(most, chunks);
  };
}

/** Reads a body in the format of the clients of one path. */
type ReadFormat = (body: unknown, context: RequestContext, caller: Caller) => RequestFormat;

function readOwn(body: unknown): RequestFormat {
  if (hasTextsAlone(body)) throw textsElsewhere();
  return cohereFormat(body);
}

/** A body in TEI's format is answered in it, errors included. */
function readOwnOrTei(body: unknown, context: RequestContext, caller: Caller): RequestFormat {
  if (!hasTextsAlone(body)) return cohereFormat(body);
  context.formatError = teiErrorBody;
  return teiFormat(body, firstModel(caller, context.gateway.dheera.models()));
}

/** Some formats have fields within others, which must not choose the upstream either. */
function readForeign(format: ForeignFormat, body: unknown, context: RequestContext, caller: Caller): RequestFormat {
  const read = format.read(body, () => firstModel(caller, context.gateway.dheera.models()));
  refuseDestination(read.request);
  return read;
}

/** Clients of Text Embeddings Inference send `texts` in place of `documents`. */
function hasTextsAlone(body: unknown): boolean {
  return typeof body === "object" && body !== null && "texts" in body && !("documents" in body);
}

function textsElsewhere(): DheeraError {
  return new DheeraError(
    "invalid_request",
    "documents: is required here; a request with texts, as clients of Text Embeddings Inference send it, goes to POST /rerank",
    { param: "documents" },
  );
}

function countDocuments({ documents }: RequestFormat["request"]): number {
  return Array.isArray(documents) ? documents.length : 0;
}

/**
 * A request may name one deployment by its id, or a model that an asterisk stands for: permissions and telemetry are for the
 * configured name.
 */
function modelNameOf({ gateway }: RequestContext, model: string): string {
  // What a body calls a model may be anything; core refuses what is no text.
  if (typeof model !== "string" || gateway.modelNames.has(model)) return model;
  return gateway.namesById.get(model) ?? gateway.dheera.wildcardOf(model) ?? model;
}

/**
 * Records the model name only if it is configured: any other text could be anything, and telemetry keeps the names it
 * gets.
 */
function checkServed(context: RequestContext, model: string): void {
  const { unserved, modelNames } = context.gateway;
  const reason = unserved.get(model);
  if (reason !== undefined) throw new DheeraError("model_not_found", reason, { param: "model" });
  if (modelNames.has(model)) context.modelName = model;
}
