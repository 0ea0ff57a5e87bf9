import type { Limits } from "../contract.ts";
import type { CheckedRequest } from "../request/parse-request.ts";
import type { Pool } from "../routing/pool.ts";
import type { CountTokens } from "./counted-chunks.ts";
import { escapedBytes, unitsWithin } from "./json-bytes.ts";
import { bytesForDocuments, envelopeBytes } from "./plan-batches.ts";
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
 * each scored, the best counting: as long as the server's own count of tokens allows, or an estimate where it does not
 * count.
 */
export function splitPassages(
  request: CheckedRequest,
  { profile, params }: Pool,
  counter: () => Promise<CountTokens | undefined>,
): Passages | Promise<Passages> {
  const longDocuments = request.longDocuments ?? params.long_documents ?? "truncate";
  const whole = cutAboveLimit(request, profile.limits);
  if (longDocuments !== "chunk_max") return whole;
  const modelTokens = profile.limits.tokensPerDocument;
  if (modelTokens === undefined || profile.scoring === "listwise") return { ...whole, warnings: [notSplit] };
  return splitLate(request, modelTokens, counter);
}

/** Most requests split nothing: who splits nothing loads nothing for it. */
async function splitLate(
  request: CheckedRequest,
  modelTokens: number,
  counter: () => Promise<CountTokens | undefined>,
): Promise<Passages> {
  const { splitLongDocuments } = await import("./split-long-documents.ts");
  return splitLongDocuments(request, modelTokens, await counter());
}

const notSplit =
  "long documents were not split: the model compares all documents at once, or its length is not known (set max_tokens_per_document)";

/** Cuts what the server would refuse however much it truncates, unless the caller wants refusals. */
function cutAboveLimit(request: CheckedRequest, limits: Limits): Passages {
  const { texts, params } = request;
  const { charactersPerDocument = Infinity, bytesPerCall = Infinity } = limits;
  // Bytes are bounded here, and counted only where they may be too many.
  const safe = Math.min(
    charactersPerDocument,
    Math.floor((bytesPerCall - envelopeBytes) / escapedBytes) - request.query.length,
  );
  if (params.truncate === false || texts.every(({ length }) => length <= safe)) return { texts, warnings: [] };
  const bytes = bytesForDocuments(limits, request.query);
  const cut = (text: string): string => {
    if (text.length <= safe) return text;
    const fromEnd = params.truncationDirection === "left";
    // Beside a query that leaves no room the server has the last word.
    const within = bytes < envelopeBytes ? text.length : unitsWithin(text, bytes, fromEnd ? "end" : "beginning");
    const most = Math.min(charactersPerDocument, within);
    if (most >= text.length) return text;
    return fromEnd ? sliceWellFormed(text, text.length - most) : sliceWellFormed(text, 0, most);
  };
  return { texts: texts.map(cut), warnings: [] };
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
