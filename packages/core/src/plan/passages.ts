import type { CheckedRequest } from "../request/parse-request.ts";
import type { Pool } from "../routing/pool.ts";
import { splitIntoChunks } from "./chunks.ts";
import { sliceWellFormed } from "./slice-well-formed.ts";

/** What is scored: the documents themselves, or chunks of them. */
export interface Passages {
  readonly texts: readonly string[];
  /** For each text the index of its document; absent where text i is document i. */
  readonly documentIndices?: Int32Array;
  readonly warnings: readonly string[];
}

/**
 * The texts to score. With `long_documents: chunk_max` a document longer than the model becomes overlapping chunks,
 * each scored, the best counting.
 */
export function splitPassages(request: CheckedRequest, { profile, params }: Pool): Passages {
  const longDocuments = request.longDocuments ?? params.long_documents ?? "truncate";
  const whole = cutAboveLimit(request, profile.limits.charactersPerDocument);
  if (longDocuments !== "chunk_max") return whole;
  const modelTokens = profile.limits.tokensPerDocument;
  if (modelTokens === undefined || profile.scoring === "listwise") return { ...whole, warnings: [notSplit] };
  return splitIntoChunks(request, modelTokens);
}

const notSplit =
  "long documents were not split: the model compares all documents at once, or its length is not known (set max_tokens_per_document)";

/** Cuts what the server would refuse however much it truncates, unless the caller wants refusals. */
function cutAboveLimit({ texts, params }: CheckedRequest, most: number | undefined): Passages {
  if (most === undefined || params.truncate === false || texts.every((text) => text.length <= most))
    return { texts, warnings: [] };
  const cut = (text: string): string =>
    params.truncationDirection === "left" ? sliceWellFormed(text, text.length - most) : sliceWellFormed(text, 0, most);
  return { texts: texts.map((text) => (text.length <= most ? text : cut(text))), warnings: [] };
}

/** Scores of documents from scores of their passages: the best passage counts. */
export function bestPassages({ documentIndices }: Passages, scores: Float64Array, documents: number): Float64Array {
  if (!documentIndices) return scores;
  const best = new Float64Array(documents).fill(Number.NaN);
  documentIndices.forEach((document, position) => {
    const score = scores[position] ?? Number.NaN;
    const known = best[document] ?? Number.NaN;
    if (Number.isNaN(known) || score > known) best[document] = score;
  });
  return best;
}
