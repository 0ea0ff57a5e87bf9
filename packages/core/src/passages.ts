import { charactersPerToken, estimateTokens } from "./estimate-tokens.ts";
import type { CheckedRequest } from "./parse-request.ts";
import type { Profile } from "./contract.ts";

/** What is scored: the documents themselves, or windows of them. */
export interface Passages {
  readonly texts: readonly string[];
  /** For each text the document it belongs to; absent where text i is document i. */
  readonly owners?: readonly number[];
  readonly warnings: readonly string[];
}

/** Separator tokens around a query and a document. */
const specialTokens = 4;
/** Neighbouring windows share an eighth, so that no sentence is only ever seen cut. */
const overlap = 1 / 8;
/** Below a tenth of the model's length left for the document, windows would be confetti. */
const leastShare = 0.1;

/** The texts to score. With `long_documents: chunk_max` a document longer than the model becomes overlapping windows, each scored, the best counting. */
export function splitPassages(request: CheckedRequest, profile: Profile, longDocuments: "truncate" | "chunk_max"): Passages {
  const modelTokens = profile.limits.tokensPerDocument;
  if (longDocuments !== "chunk_max" || modelTokens === undefined) return cutAbsurd(request, profile.limits.charactersPerDocument);

  const windowTokens = Math.max(modelTokens * leastShare, modelTokens - estimateTokens(request.query) - specialTokens);
  const texts: string[] = [];
  const owners: number[] = [];
  const cut: number[] = [];
  request.texts.forEach((text, owner) => {
    const windows = windowsOf(limitTokens(text, request.params.maxTokensPerDocument), windowTokens);
    if (windows.length > request.maxChunksPerDocument) cut.push(owner);
    for (const window of windows.slice(0, request.maxChunksPerDocument)) {
      texts.push(window);
      owners.push(owner);
    }
  });
  const warnings =
    cut.length === 0
      ? []
      : [`only the first ${request.maxChunksPerDocument} windows of the documents ${cut.join(", ")} were scored; raise max_chunks_per_doc`];
  return { texts, owners, warnings };
}

/** Cuts what the server would refuse however much it truncates, unless the caller wants refusals. */
function cutAbsurd({ texts, params }: CheckedRequest, most: number | undefined): Passages {
  if (most === undefined || params.truncate === false || texts.every((text) => text.length <= most)) return { texts, warnings: [] };
  const end =
    params.truncationDirection === "left" ? (text: string): string => text.slice(-most) : (text: string): string => text.slice(0, most);
  return { texts: texts.map((text) => (text.length <= most ? text : end(text))), warnings: [] };
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

function windowsOf(text: string, tokens: number): readonly string[] {
  if (estimateTokens(text) <= tokens) return [text];
  const length = Math.max(1, Math.floor(tokens * charactersPerToken(text)));
  const step = Math.max(1, Math.floor(length * (1 - overlap)));
  const windows: string[] = [];
  for (let start = 0; start < text.length; start += step) {
    windows.push(text.slice(wordStart(text, start, step), start + length));
    if (start + length >= text.length) break;
  }
  return windows;
}

/** Moves a cut back to the beginning of a word, by an eighth of a step at most, and never into the middle of a surrogate pair. */
function wordStart(text: string, start: number, step: number): number {
  if (start === 0) return 0;
  const space = text.lastIndexOf(" ", start);
  if (space >= start - step / 8) return space + 1;
  return (text.charCodeAt(start) & 0xfc00) === 0xdc00 ? start - 1 : start;
}

function limitTokens(text: string, tokens: number | undefined): string {
  return tokens === undefined ? text : text.slice(0, Math.ceil(tokens * charactersPerToken(text)));
}
