import type { RerankResponse } from "./request/api.ts";
import { applySigmoid } from "./response/apply-sigmoid.ts";
import { yieldToEventLoop, isLarge } from "./lib/yield-to-event-loop.ts";
import { type Work, dispatch } from "./dispatch/dispatch.ts";
import { type RequestContext, openContext } from "./dispatch/context.ts";
import type { RerankOptions } from "./dheera.ts";
import { DheeraError, isDheeraError } from "./errors.ts";
import type { ModelRegistry } from "./routing/model-registry.ts";
import { merge, withoutUnknown } from "./response/merge.ts";
import { type CheckedRequest, parseRequest } from "./request/parse-request.ts";
import { type Passages, collapse, splitPassages } from "./plan/passages.ts";
import type { Pool } from "./routing/pool.ts";
import type { Recalled } from "./reuse/reuse-scores.ts";
import { respond } from "./response/respond.ts";
import { route } from "./routing/route.ts";
import { abortError } from "./upstream/upstream-error.ts";

/** The story of a request: parsed, routed to a pool of deployments, ranked there, or passed on to the next pool. */
export async function rerank(registry: ModelRegistry, input: unknown, options: RerankOptions): Promise<RerankResponse> {
  const request = parseRequest(input, registry.limits);
  const groups = registry.groupsFor(request);
  const context = openContext({
    ...options,
    timeout: request.timeout ?? registry.timeout,
    observer: registry.observer,
  });
  context.report.documents = request.texts.length;
  try {
    if (isLarge(request.texts.length)) await yieldToEventLoop();
    return await route(groups, registry, context, (pool) => rank(registry, pool, request, context));
  } catch (error) {
    const failure = context.signal.aborted ? abortError(context.signal.reason) : expected(error);
    const mayPass = groups[0]?.some(({ params }) => params.on_error === "passthrough");
    if (!failure.retryable || !mayPass) throw failure;
    const { passThrough } = await import("./response/passthrough.ts");
    return passThrough(request, failure, context);
  } finally {
    context.close();
  }
}

/** One pool's ranking: split into passages, recall, plan and call for what is unknown, merge, respond. */
async function rank(
  registry: ModelRegistry,
  pool: Pool,
  request: CheckedRequest,
  context: RequestContext,
): Promise<RerankResponse> {
  const { params } = pool.group[0] ?? {};
  const split = splitPassages(request, pool.profile, request.longDocuments ?? params?.long_documents ?? "truncate");
  const passages = split instanceof Promise ? await split : split;
  const documentOf = (position: number): number => passages.owners?.[position] ?? position;
  const work: Work = {
    pool,
    query: request.query,
    texts: passages.texts,
    params: request.params,
    onDocumentError: request.onDocumentError ?? params?.on_document_error ?? "fail",
    documentOf,
    settings: registry.callSettings,
  };
  const recalled = await registry.reuse.scores(work, request.cache, context, dispatch);
  if (isLarge(request.texts.length)) await yieldToEventLoop();
  // Whoever asks for raw scores means it, whatever the model's configuration says.
  const wish = request.normalize ?? (request.params.rawScores ? "none" : (params?.normalize ?? "none"));
  const { scores, scoreKind, warnings } = applySigmoid(
    collapse(passages, recalled.scores, request.texts.length),
    recalled.scoreKind,
    wish,
  );
  const { computed, known } = countDocuments(request.texts.length, passages, recalled);
  context.report.modelName = pool.modelName;
  return respond(request, {
    id: context.callId,
    modelName: pool.modelName,
    positions: merge(scores, request.topN, request.minScore),
    scores: withoutUnknown(scores),
    scoreKind,
    computedDocuments: computed,
    cachedDocuments: known,
    warnings: [
      ...(pool.profile.warnings ?? []),
      ...passages.warnings,
      ...recalled.warnings,
      ...truncationWarnings(recalled.truncated, documentOf),
      ...warnings,
    ],
    tokens: recalled.tokens,
    searchUnits: recalled.searchUnits,
  });
}

/** Every failure of a provider is a `DheeraError` by now: anything else is a fault of ours. */
function expected(error: unknown): DheeraError {
  return isDheeraError(error)
    ? error
    : new DheeraError("internal", "something went wrong in the reranker itself", { cause: error });
}

/** Documents of which a passage was computed, and those whose passages were all known or repetitions of known ones. */
function countDocuments(
  documents: number,
  { texts, owners }: Passages,
  { originOf }: Recalled,
): { readonly computed: number; readonly known: number } {
  if (!originOf) return { computed: documents, known: 0 };
  const marks = new Uint8Array(documents);
  for (let position = 0; position < texts.length; position++) {
    const origin = originOf(position);
    const document = owners?.[position] ?? position;
    if (origin === "computed") marks[document] = isComputed;
    else if (origin === "known") marks[document] ||= isKnown;
  }
  let computed = 0;
  let known = 0;
  for (const mark of marks) {
    if (mark === isComputed) computed++;
    else if (mark === isKnown) known++;
  }
  return { computed, known };
}

const isKnown = 1;
const isComputed = 2;

function truncationWarnings(truncated: readonly number[], documentOf: (position: number) => number): readonly string[] {
  if (truncated.length === 0) return [];
  const indices = [...new Set(truncated.map(documentOf))].sort((a, b) => a - b);
  return [`the server cut these documents to the model's length: ${indices.join(", ")}`];
}
