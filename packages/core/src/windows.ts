import { charactersPerToken, estimateTokens } from "./estimate-tokens.ts";
import type { CheckedRequest } from "./parse-request.ts";
import type { Passages } from "./passages.ts";

/** Separator tokens around a query and a document. */
const specialTokens = 4;
/** Neighbouring windows share an eighth, so that no sentence is only ever seen cut. */
const overlap = 1 / 8;
/** Below a tenth of the model's length left for the document, windows would be confetti. */
const leastShare = 0.1;

/** Documents longer than the model as overlapping windows of its length, measured by estimated tokens. */
export function splitIntoWindows(request: CheckedRequest, modelTokens: number): Passages {
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
