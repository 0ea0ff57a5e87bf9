import { fitsTokens, takeTokens } from "./cautious-tokens.ts";
import { charactersPerToken, estimateTokens } from "./estimate-tokens.ts";
import type { ScoreParams } from "../contract.ts";
import type { CheckedRequest } from "../request/parse-request.ts";
import { sliceWellFormed } from "./slice-well-formed.ts";

/** Separator tokens around a query and a document. */
export const specialTokens = 4;
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

/** The chunks of one document. */
export interface ChunksOfDocument {
  readonly chunks: readonly string[];
  /** Text is left over, because the caller wants no more chunks. */
  readonly isCut: boolean;
}

/** Documents longer than the model as overlapping chunks of its length, judged by the kind of their characters. */
export function splitIntoChunks(request: CheckedRequest, modelTokens: number): Chunks {
  const { texts, query, params, maxChunksPerDocument: most } = request;
  const tokens = tokensForDocument(modelTokens, estimateTokens(query) + specialTokens);
  return joinChunks(
    texts.map((text) => chunksOf(limitTokens(text, params), tokens, most)),
    most,
  );
}

/** The model's length without the query, and never next to nothing. */
export function tokensForDocument(modelTokens: number, ofQuery: number): number {
  return Math.max(1, Math.floor(Math.max(modelTokens * leastShare, modelTokens - ofQuery)));
}

export function joinChunks(documents: readonly ChunksOfDocument[], most: number): Chunks {
  const texts: string[] = [];
  const documentIndices: number[] = [];
  const cut: number[] = [];
  documents.forEach(({ chunks, isCut }, document) => {
    if (isCut) cut.push(document);
    for (const chunk of chunks) {
      texts.push(chunk);
      documentIndices.push(document);
    }
  });
  const warning = `only the first ${most} chunks of the documents ${cut.join(", ")} were scored; raise max_chunks_per_doc`;
  return { texts, documentIndices: Int32Array.from(documentIndices), warnings: cut.length === 0 ? [] : [warning] };
}

function chunksOf(text: string, tokens: number, most: number): ChunksOfDocument {
  if (fitsTokens(text, tokens)) return { chunks: [text], isCut: false };
  const chunks: string[] = [];
  for (let start = 0; ;) {
    if (chunks.length === most) return { chunks, isCut: true };
    const end = takeTokens(text, start, tokens);
    chunks.push(sliceWellFormed(text, start, end));
    if (end >= text.length) return { chunks, isCut: false };
    start = nextStart(text, start, end);
  }
}

/** Where the chunk behind one begins: before its end, at the beginning of a word if there is one near. */
export function nextStart(text: string, start: number, end: number): number {
  const length = end - start;
  const next = end - Math.ceil(length * overlap);
  const nearest = next - Math.floor(length / 16);
  const space = text.slice(nearest, next).lastIndexOf(" ");
  return Math.max(start + 1, space < 0 ? next : nearest + space + 1);
}

/** What the caller wants to count of a document. */
export function limitTokens(text: string, { maxTokensPerDocument, truncationDirection }: ScoreParams): string {
  if (maxTokensPerDocument === undefined) return text;
  const length = Math.ceil(maxTokensPerDocument * charactersPerToken(text));
  if (length >= text.length) return text;
  return truncationDirection === "left"
    ? sliceWellFormed(text, text.length - length)
    : sliceWellFormed(text, 0, length);
}
