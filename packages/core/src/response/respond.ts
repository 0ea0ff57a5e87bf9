import type { RerankDocument, RerankMeta, RerankResponse, RerankResult } from "../request/api.ts";
import type { ScoreKind } from "../contract.ts";
import type { CheckedRequest } from "../request/parse-request.ts";

/** Everything the answer is made of. */
export interface Ranking {
  readonly id: string;
  readonly modelName: string;
  /** Best first, cut. */
  readonly positions: readonly number[];
  /** One for each document. */
  readonly scores: Float64Array;
  readonly scoreKind: ScoreKind;
  readonly tokens?: number;
  readonly searchUnits?: number;
  /** Documents that had to be computed: not known, and not a repetition of another. */
  readonly computedDocuments: number;
  /** Documents whose score was known. */
  readonly cachedDocuments: number;
  /** Nothing ranked. */
  readonly passedThrough?: boolean;
  readonly warnings: readonly string[];
}

const documentsPerSearchUnit = 100;

export function respond(request: CheckedRequest, ranking: Ranking): RerankResponse {
  const { tokens } = ranking;
  return {
    id: ranking.id,
    model: ranking.modelName,
    results: ranking.positions.map((index) => result(request, index, ranking.scores[index] ?? 0)),
    meta: meta(ranking),
    ...(tokens !== undefined && { usage: { prompt_tokens: tokens, total_tokens: tokens } }),
  };
}

function result({ returnDocuments, documents }: CheckedRequest, index: number, score: number): RerankResult {
  const document = documents[index];
  if (!returnDocuments || document === undefined) return { index, relevance_score: score };
  return { index, relevance_score: score, document: echo(document) };
}

function echo(document: RerankDocument): Readonly<Record<string, unknown>> {
  return typeof document === "string" ? { text: document } : document;
}

function meta(ranking: Ranking): RerankMeta {
  const { tokens, warnings, cachedDocuments } = ranking;
  const searchUnits = ranking.searchUnits ?? Math.ceil(ranking.computedDocuments / documentsPerSearchUnit);
  return {
    api_version: { version: "2", is_experimental: false },
    billed_units: { search_units: searchUnits },
    ...(tokens !== undefined && { tokens: { input_tokens: tokens, output_tokens: 0 } }),
    score_kind: ranking.scoreKind,
    ...(cachedDocuments > 0 && { cached_documents: cachedDocuments }),
    ...(ranking.passedThrough && { reranked: false as const }),
    ...(warnings.length > 0 && { warnings }),
  };
}
