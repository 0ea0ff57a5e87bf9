import { DheeraError } from "@dheera-ai/core";
import type { Hono } from "hono";

import type { Caller } from "../access/caller.ts";
import type { BodyRoom } from "../access/limits/body-budget.ts";
import { firstModel, refuseDestination } from "../access/permissions.ts";
import { writtenCohereFormat } from "../formats/cohere.ts";
import { foreignFormats } from "../formats/foreign/all-foreign.ts";
import type { ForeignFormat, RequestFormat } from "../formats/request-format.ts";
import { teiErrorBody, teiFormat } from "../formats/tei.ts";
import type { Handle, Handler } from "../http/handle.ts";
import { answerJson } from "../http/json-response.ts";
import { readJsonBody } from "../http/read-json-body.ts";
import type { RequestContext } from "../http/request-context.ts";
import { rankAsked } from "../ranking/rank-asked.ts";

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
  for (const [path, handler] of ownRerankHandlers(handle)) app.post(path, handler);
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

/** What answers at each of the proxy's own paths, none of which has a parameter. */
export function ownRerankHandlers(handle: Handle): ReadonlyMap<string, Handler> {
  const handlers = new Map<string, Handler>();
  for (const path of rerankPaths) {
    const read = teiPaths.includes(path) ? readOwnOrTei : readOwn;
    const handler = handle.guarded(path, (context, caller) => rerank(context, caller, read));
    handlers.set(path, handler);
    for (const [alias, meant] of Object.entries(rerankAliases)) if (meant === path) handlers.set(alias, handler);
  }
  return handlers;
}

/** Where Cohere's client asks whether its key is good; a bad one has been refused before. */
export const checkKeyPath = "/v1/check-api-key";

/** Ranks what a request asks for, and answers it in the format it has. */
function rerank(context: RequestContext, caller: Caller, read: ReadFormat): Promise<Response> {
  return rankAsked(context, caller, {
    readBody: (room) => readBody(context, room),
    format: (body) => read(body, context, caller),
    answer: (body) => answerJson(context, body),
  });
}

function readBody({ request, env, gateway }: RequestContext, room: BodyRoom): Promise<unknown> {
  const { max_request_size_mb, max_request_values: mostValues } = gateway.config.general_settings;
  return readJsonBody(request, env, { mostBytes: max_request_size_mb * 1_000_000, mostValues }, room);
}

/** Reads a body in the format of the clients of one path. */
type ReadFormat = (body: unknown, context: RequestContext, caller: Caller) => RequestFormat;

function readOwn(body: unknown): RequestFormat {
  if (hasTextsAlone(body)) throw textsElsewhere();
  return writtenCohereFormat(body);
}

/** A body in TEI's format is answered in it, errors included. */
function readOwnOrTei(body: unknown, context: RequestContext, caller: Caller): RequestFormat {
  if (!hasTextsAlone(body)) return writtenCohereFormat(withModelOfKey(body, context, caller));
  context.formatError = teiErrorBody;
  return teiFormat(body, firstModel(caller, context.gateway.dheera.models()));
}

/**
 * Clients of servers with one model, such as vLLM's, name none here: a key that names its models, or whose team names some, gets
 * the first that it names. Other callers have to say which, because what is first for them is chance.
 */
function withModelOfKey(body: unknown, { gateway }: RequestContext, caller: Caller): unknown {
  if (caller.key?.models === undefined || typeof body !== "object" || body === null || Array.isArray(body)) return body;
  if ("model" in body && body.model !== null) return body;
  const model = firstModel(caller, gateway.dheera.models());
  return model === undefined ? body : { ...body, model };
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
