import type { CheckedRequest } from "../request/parse-request.ts";
import { mostTokens, mostTokensOfUnit } from "./cautious-tokens.ts";
import { type Chunks, joinChunks, limitTokens, nextStart, specialTokens, tokensForDocument } from "./chunks.ts";
import { sliceWellFormed } from "./slice-well-formed.ts";

/** Tokens of each text as the server counts them, special tokens included; undefined where it does not say. */
export type CountTokens = (texts: readonly string[]) => Promise<readonly number[] | undefined>;

/** Characters of a token of prose: what a text is divided by before its own tokens are known. */
const charactersPerToken = 4;
/** Windows in a piece that is counted to learn how dense its text is; a piece is no longer than that many characters. */
const windowsPerPiece = 8;
const longestPiece = 32_768;
/** A window is made a little shorter than its text's density allows, because density varies. */
const fill = 0.92;
/** After so many windows that were too long for their text, its bytes decide, which are never too few. */
const mostGuesses = 3;

/**
 * Documents longer than the model as overlapping chunks, none of which has more tokens than the model reads beside the
 * query, by the server's own count. Undefined where the server did not count. What is counted is in proportion to what
 * is scored.
 */
export async function splitByCount(
  request: CheckedRequest,
  modelTokens: number,
  count: CountTokens,
): Promise<Chunks | undefined> {
  const { query, params, maxChunksPerDocument: most } = request;
  const certain = tokensForDocument(modelTokens, mostTokens(query) + specialTokens);
  const documents = request.texts.map((text) => new Splitting(limitTokens(text, params), most));
  const open = documents.filter(({ text }) => text.length > certain || mostTokens(text) > certain);
  if (open.length > 0) {
    const ofQuery = (await count([query]))?.[0];
    if (ofQuery === undefined) return undefined;
    const tokens = tokensForDocument(modelTokens, ofQuery);
    for (const document of open) document.begin(tokens);
    if (!(await countUntilAllFit(open, count))) return undefined;
  }
  return joinChunks(
    documents.map((document) => document.chunks()),
    most,
  );
}

/** @returns false where the server did not count. */
async function countUntilAllFit(documents: readonly Splitting[], count: CountTokens): Promise<boolean> {
  for (;;) {
    const rounds = documents.flatMap((document) => document.uncounted().map((span) => ({ document, span })));
    if (rounds.length === 0) return true;
    const counts = await count(rounds.map(({ document, span }) => document.textOf(span)));
    if (!counts) return false;
    rounds.forEach(({ span }, position) => (span.tokens = counts[position]));
    for (const document of documents) document.divide();
  }
}

/** A part of a document's text. */
interface Span {
  readonly start: number;
  readonly end: number;
  /** How often the text around it was divided into windows that proved too long. */
  readonly guesses: number;
  /** As counted; absent before. */
  tokens: number | undefined;
}

/** One document on its way to chunks: its spans from the beginning of its text, of which those that are too long get divided. */
class Splitting {
  readonly text: string;
  readonly #most: number;
  /** Tokens that a chunk may have. */
  #tokens = 0;
  #spans: Span[] = [];

  constructor(text: string, most: number) {
    this.text = text;
    this.#most = most;
  }

  begin(tokens: number): void {
    this.#tokens = tokens;
    this.#extend();
  }

  textOf({ start, end }: Span): string {
    return sliceWellFormed(this.text, start, end);
  }

  uncounted(): readonly Span[] {
    return this.#spans.filter(({ tokens }) => tokens === undefined);
  }

  /** Divides what proved too long; once everything fits, goes on in the text. */
  divide(): void {
    this.#spans = this.#spans
      .flatMap((span) => (this.#fits(span) ? [span] : this.#windowsOf(span)))
      .slice(0, this.#most);
    if (this.#spans.every(({ tokens }) => tokens !== undefined)) this.#extend();
  }

  /** The whole text where it was never divided. */
  chunks(): { readonly chunks: readonly string[]; readonly isCut: boolean } {
    if (this.#spans.length === 0) return { chunks: [this.text], isCut: false };
    return { chunks: this.#spans.map((span) => this.textOf(span)), isCut: this.#end() < this.text.length };
  }

  #end(): number {
    return this.#spans.at(-1)?.end ?? 0;
  }

  #fits({ guesses, tokens }: Span): boolean {
    return tokens === undefined || tokens <= this.#tokens || guesses > mostGuesses;
  }

  /** Adds pieces for as many chunks as are still wanted. */
  #extend(): void {
    const window = this.#tokens * charactersPerToken;
    const piece = Math.max(window, Math.min(window * windowsPerPiece, longestPiece));
    const wanted = this.#most - this.#spans.length;
    const last = this.#spans.at(-1);
    if (wanted === 0 || (last && last.end >= this.text.length)) return;
    const start = last ? nextStart(this.text, Math.max(last.start, last.end - window), last.end) : 0;
    const end = Math.min(this.text.length, start + wanted * window);
    this.#spans.push(...spansOf(this.text, { start, end }, () => piece, 0, wanted));
  }

  #windowsOf(span: Span): readonly Span[] {
    const { start, end, guesses, tokens = 1 } = span;
    const length = Math.floor(((end - start) * this.#tokens * fill) / tokens);
    const lengthAt =
      guesses < mostGuesses
        ? (): number => length
        : (from: number): number => lengthOfBytes(this.text, from, this.#tokens - specialTokens);
    return spansOf(this.text, span, lengthAt, guesses + 1, this.#most);
  }
}

/** Overlapping spans of these lengths that cover a part of a text; so many at most, however short a server makes them. */
function spansOf(
  text: string,
  { start, end }: Pick<Span, "start" | "end">,
  lengthAt: (from: number) => number,
  guesses: number,
  most: number,
): Span[] {
  const spans: Span[] = [];
  for (let from = start; ;) {
    const to = Math.min(end, from + Math.max(2, lengthAt(from)));
    spans.push({ start: from, end: to, guesses, tokens: undefined });
    if (to >= end || spans.length >= most) return spans;
    from = nextStart(text, from, to);
  }
}

/** Characters from there on that have no more tokens than that, whatever the tokenizer. */
function lengthOfBytes(text: string, from: number, tokens: number): number {
  let to = from;
  let left = tokens;
  while (to < text.length && (left -= mostTokensOfUnit(text.charCodeAt(to))) >= 0) to++;
  return to - from;
}
