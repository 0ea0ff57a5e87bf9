import { charactersPerToken, estimateTokens } from "./estimate-tokens.ts";
import type { ScoreParams } from "../contract.ts";
import type { CheckedRequest } from "../request/parse-request.ts";
import { sliceWellFormed } from "./slice-well-formed.ts";

/** Separator tokens around a query and a document. */
const specialTokens = 4;
/** Neighbouring chunks share an eighth, so that a sentence of that length stands whole in one of them. */
const overlap = 1 / 8;
/** Below a tenth of the model's length left for the document, chunks would be too short to mean anything. */
const leastShare = 0.1;

/** Chunks of all documents, in the order of the documents. */
export interface Chunks {
  readonly texts: readonly string[];
  /** For each chunk the index of its document. */
  readonly documentIndices: Int32Array;
  readonly warnings: readonly string[];
}

/** Documents longer than the model as overlapping chunks of its length, measured by estimated tokens. */
export function splitIntoChunks(
  { texts, query, params, maxChunksPerDocument }: CheckedRequest,
  modelTokens: number,
): Chunks {
  const chunkTokens = Math.max(modelTokens * leastShare, modelTokens - estimateTokens(query) - specialTokens);
  const passages: string[] = [];
  const documentIndices: number[] = [];
  const cut: number[] = [];
  texts.forEach((text, document) => {
    const { chunks, isCut } = chunksOf(limitTokens(text, params), chunkTokens, maxChunksPerDocument);
    if (isCut) cut.push(document);
    for (const chunk of chunks) {
      passages.push(chunk);
      documentIndices.push(document);
    }
  });
  const warning = `only the first ${maxChunksPerDocument} chunks of the documents ${cut.join(", ")} were scored; raise max_chunks_per_doc`;
  return {
    texts: passages,
    documentIndices: Int32Array.from(documentIndices),
    warnings: cut.length === 0 ? [] : [warning],
  };
}

function chunksOf(
  text: string,
  tokens: number,
  most: number,
): { readonly chunks: readonly string[]; readonly isCut: boolean } {
  if (estimateTokens(text) <= tokens) return { chunks: [text], isCut: false };
  const length = Math.max(2, Math.floor(tokens * charactersPerToken(text)));
  const step = Math.max(1, Math.floor(length * (1 - overlap)));
  const chunks: string[] = [];
  for (let start = 0; start < text.length; start += step) {
    if (chunks.length === most) return { chunks, isCut: true };
    chunks.push(sliceWellFormed(text, wordStart(text, start, step), start + length));
    if (start + length >= text.length) break;
  }
  return { chunks, isCut: false };
}

/** Moves a cut back to the beginning of a word, by an eighth of a step at most. */
function wordStart(text: string, start: number, step: number): number {
  if (start === 0) return 0;
  const before = start - Math.floor(step / 8);
  const space = text.slice(before, start).lastIndexOf(" ");
  return space < 0 ? start - 1 : before + space + 1;
}

function limitTokens(text: string, { maxTokensPerDocument, truncationDirection }: ScoreParams): string {
  if (maxTokensPerDocument === undefined) return text;
  const length = Math.ceil(maxTokensPerDocument * charactersPerToken(text));
  if (length >= text.length) return text;
  return truncationDirection === "left"
    ? sliceWellFormed(text, text.length - length)
    : sliceWellFormed(text, 0, length);
}
