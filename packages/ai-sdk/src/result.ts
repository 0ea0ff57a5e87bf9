import type { JSONObject, RerankingModelV4Result, SharedV4Warning } from "@ai-sdk/provider";
import type { RequestReport, RerankResponse } from "dheera-ai";

/** Who served, where that is known. */
type ServedBy = Partial<Pick<RequestReport, "deployment" | "provider">>;

/** An answer of the library as a result of the AI SDK. */
export function resultOf(
  response: RerankResponse,
  report: ServedBy,
  warnings: readonly SharedV4Warning[],
): RerankingModelV4Result {
  const { id, model, results, meta } = response;
  return {
    ranking: results.map(({ index, relevance_score: relevanceScore }) => ({ index, relevanceScore })),
    warnings: [...warnings, ...(meta.warnings ?? []).map((message) => ({ type: "other", message }) as const)],
    providerMetadata: { dheera: metadataOf(response, report) },
    // There is no HTTP answer to show: the library's own stands for it, which is what a proxy's body is.
    response: { id, modelId: model, body: response },
  };
}

/** What the answer says beside the ranking, in its own words; nothing that is not known. */
function metadataOf({ results, meta, usage }: RerankResponse, { deployment, provider }: ServedBy): JSONObject {
  const { api_version: _version, warnings: _warnings, ...facts } = meta;
  const details = results
    .filter((result) => result.relevant_spans !== undefined || result.stage !== undefined)
    .map(({ index, stage, stage_score, relevant_spans }) => ({ index, stage, stage_score, relevant_spans }));
  return plain({ ...facts, usage, deployment, provider, results: details.length > 0 ? details : undefined });
}

/** Without what is undefined, and nobody else's object. */
function plain(value: object): JSONObject {
  return JSON.parse(JSON.stringify(value));
}
