import type { CheckedRequest } from "../request/parse-request.ts";
import type { Profile } from "../contract.ts";
import { sliceWellFormed } from "./slice-well-formed.ts";

/** What is scored: the documents themselves, or windows of them. */
export interface Passages {
  readonly texts: readonly string[];
  /** For each text the document it belongs to; absent where text i is document i. */
  readonly owners?: readonly number[];
  readonly warnings: readonly string[];
}

/** The texts to score. With `long_documents: chunk_max` a document longer than the model becomes overlapping windows, each scored, the best counting. */
export function splitPassages(
  request: CheckedRequest,
  profile: Profile,
  longDocuments: "truncate" | "chunk_max",
): Passages | Promise<Passages> {
  const whole = cutAbsurd(request, profile.limits.charactersPerDocument);
  if (longDocuments !== "chunk_max") return whole;
  const modelTokens = profile.limits.tokensPerDocument;
  if (modelTokens === undefined || profile.scoring === "listwise") return { ...whole, warnings: [noWindows] };
  return import("./chunks.ts").then(({ splitIntoChunks }) => splitIntoChunks(request, modelTokens));
}

const noWindows =
  "long documents were not split: the model compares all documents at once, or its length is not known (set max_tokens_per_document)";

/** Cuts what the server would refuse however much it truncates, unless the caller wants refusals. */
function cutAbsurd({ texts, params }: CheckedRequest, most: number | undefined): Passages {
  if (most === undefined || params.truncate === false || texts.every((text) => text.length <= most))
    return { texts, warnings: [] };
  const cut = (text: string): string =>
    params.truncationDirection === "left" ? sliceWellFormed(text, text.length - most) : sliceWellFormed(text, 0, most);
  return { texts: texts.map((text) => (text.length <= most ? text : cut(text))), warnings: [] };
}

/** Scores of documents from scores of their passages: the best window counts. */
export function collapse(passages: Passages, scores: Float64Array, documents: number): Float64Array {
  const { owners } = passages;
  if (!owners) return scores;
  const best = new Float64Array(documents).fill(Number.NaN);
  owners.forEach((owner, position) => {
    const score = scores[position] ?? Number.NaN;
    const known = best[owner] ?? Number.NaN;
    if (Number.isNaN(known) || score > known) best[owner] = score;
  });
  return best;
}
