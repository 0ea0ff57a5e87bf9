import { charactersPerToken, estimateTokens } from "./estimate-tokens.ts";
import type { ScoreParams } from "../contract.ts";
import type { CheckedRequest } from "../request/parse-request.ts";
import type { Passages } from "./passages.ts";
import { sliceWellFormed } from "./slice-well-formed.ts";

/** Separator tokens around a query and a document. */
const specialTokens = 4;
/** Neighbouring windows share an eighth, so that no sentence is only ever seen cut. */
const overlap = 1 / 8;
/** Below a tenth of the model's length left for the document, windows would be confetti. */
const leastShare = 0.1;

/** Documents longer than the model as overlapping windows of its length, measured by estimated tokens. */
export function splitIntoChunks(
  { texts, query, params, maxChunksPerDocument }: CheckedRequest,
  modelTokens: number,
): Passages {
  const chunkTokens = Math.max(modelTokens * leastShare, modelTokens - estimateTokens(query) - specialTokens);
  const passages: string[] = [];
  const owners: number[] = [];
  const cut: number[] = [];
  texts.forEach((text, owner) => {
    const { windows, isCut } = chunksOf(limitTokens(text, params), chunkTokens, maxChunksPerDocument);
    if (isCut) cut.push(owner);
    for (const window of windows) {
      passages.push(window);
      owners.push(owner);
    }
  });
  const warning = `only the first ${maxChunksPerDocument} windows of the documents ${cut.join(", ")} were scored; raise max_chunks_per_doc`;
  return { texts: passages, owners, warnings: cut.length === 0 ? [] : [warning] };
}

function chunksOf(
  text: string,
  tokens: number,
  most: number,
): { readonly windows: readonly string[]; readonly isCut: boolean } {
  if (estimateTokens(text) <= tokens) return { windows: [text], isCut: false };
  const length = Math.max(2, Math.floor(tokens * charactersPerToken(text)));
  const step = Math.max(1, Math.floor(length * (1 - overlap)));
  const windows: string[] = [];
  for (let start = 0; start < text.length; start += step) {
    if (windows.length === most) return { windows, isCut: true };
    windows.push(sliceWellFormed(text, wordStart(text, start, step), start + length));
    if (start + length >= text.length) break;
  }
  return { windows, isCut: false };
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
