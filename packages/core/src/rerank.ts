import type { RerankResponse } from "./api.ts";
import { breathe } from "./breathe.ts";
import { type Work, callUpstream } from "./call.ts";
import { type RequestContext, openContext } from "./context.ts";
import type { RerankOptions } from "./dheera.ts";
import type { House } from "./house.ts";
import { merge } from "./merge.ts";
import { type CheckedRequest, parseRequest } from "./parse-request.ts";
import { collapse, splitPassages } from "./passages.ts";
import type { Pool } from "./pool.ts";
import { respond } from "./respond.ts";
import { route } from "./route.ts";
import { normalizeKind } from "./score-kinds.ts";
import { upstreamError } from "./upstream-error.ts";

/** The story of a request: parsed, routed to a pool of deployments, ranked there, or passed on to the next pool. */
export async function rerank(house: House, input: unknown, options: RerankOptions): Promise<RerankResponse> {
  const request = parseRequest(input, house.limits);
  const key = house.resolve(request);
  const context = openContext({ ...options, timeout: request.timeout ?? house.timeout, observer: house.observer });
  context.report.documents = request.texts.length;
  try {
    await breathe(request.texts.length);
    return await route(house, key, context, (pool) => rank(house, pool, request, context));
  } catch (error) {
    const failure = upstreamError(error, request.model, context.signal);
    if (!failure.retryable || !house.passesThrough(key)) throw failure;
    const { passThrough } = await import("./passthrough.ts");
    return passThrough(request, failure, context);
  } finally {
    context.close();
  }
}

/** One pool's ranking: split into passages, recall, plan and call for what is unknown, merge, respond. */
async function rank(house: House, pool: Pool, request: CheckedRequest, context: RequestContext): Promise<RerankResponse> {
  const params = pool.all()[0]?.params;
  const passages = await splitPassages(request, pool.profile, request.longDocuments ?? params?.long_documents ?? "truncate");
  const documentOf = (position: number): number => passages.owners?.[position] ?? position;
  const work: Work = {
    pool,
    query: request.query,
    texts: passages.texts,
    params: request.params,
    onDocumentError: request.onDocumentError ?? params?.on_document_error ?? "fail",
    documentOf,
    settings: house.callSettings,
  };
  const recalled = await house.recall.scores(work, request.cache, context, callUpstream);
  await breathe(request.texts.length);
  // Whoever asks for raw scores means it, whatever the model's configuration says.
  const wish = request.normalize ?? (request.params.rawScores ? "none" : (params?.normalize ?? "none"));
  const normalized = normalizeKind(collapse(passages, recalled.scores, request.texts.length), recalled.scoreKind, wish);
  context.report.modelName = pool.modelName;
  return respond(request, {
    id: context.callId,
    modelName: pool.modelName,
    positions: merge(normalized.scores, request.topN, request.minScore),
    scores: normalized.scores,
    scoreKind: normalized.scoreKind,
    cachedDocuments: countKnown(passages.texts.length, recalled.isKnown, documentOf, request.texts.length),
    warnings: [
      ...(pool.profile.warnings ?? []),
      ...passages.warnings,
      ...recalled.warnings,
      ...truncationWarnings(recalled.truncated, documentOf),
      ...normalized.warnings,
    ],
    tokens: recalled.tokens,
    searchUnits: recalled.searchUnits,
  });
}

/** Documents of which no passage had to be computed. */
function countKnown(
  passages: number,
  isKnown: (position: number) => boolean,
  documentOf: (position: number) => number,
  documents: number,
): number {
  const computed = new Set<number>();
  for (let position = 0; position < passages; position++) if (!isKnown(position)) computed.add(documentOf(position));
  return documents - computed.size;
}

function truncationWarnings(truncated: readonly number[], documentOf: (position: number) => number): readonly string[] {
  if (truncated.length === 0) return [];
  const indices = [...new Set(truncated.map(documentOf))].sort((a, b) => a - b);
  return [`the server cut these documents to the model's length: ${indices.join(", ")}`];
}
