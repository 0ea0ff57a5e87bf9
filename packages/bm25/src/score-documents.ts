import type { Background } from "./background/background.ts";
import type { LanguageRules } from "./language.ts";
import { piecesOf } from "./pieces-of.ts";
import { readQuery, type Vocabulary } from "./read-query.ts";
import { wordsOf } from "./words-of.ts";
import { yieldToEventLoopEvery } from "./yield-to-event-loop.ts";

export interface ScoringInput {
  readonly query: string;
  readonly documents: readonly string[];
  readonly rules: LanguageRules;
  /** Undefined where only the documents say how rare a word is. */
  readonly background: Background | undefined;
  readonly k1: number;
  readonly b: number;
  readonly signal: AbortSignal;
}

/**
 * Okapi BM25 scores in the order of the documents: 0 where no word of the query occurs. Yields to other work on the
 * event loop.
 */
export async function scoreDocuments(input: ScoringInput): Promise<Float64Array> {
  const { query, documents, rules, background, k1, b, signal } = input;
  const yieldToEventLoop = yieldToEventLoopEvery(signal);
  const vocabulary = await readQuery(query, rules, yieldToEventLoop);

  const counted: DocumentCounts[] = [];
  for (const document of documents) {
    const counts: DocumentCounts = { length: 0, hits: new Map() };
    for (const piece of piecesOf(document)) {
      const turn = yieldToEventLoop(piece.length);
      if (turn) await turn;
      countWords(wordsOf(piece), vocabulary, counts);
    }
    counted.push(counts);
  }

  const averageLength = counted.reduce((sum, { length }) => sum + length, 0) / counted.length;
  const weightedIdf = weightedIdfOf(counted, vocabulary, background);
  const scores = new Float64Array(counted.length);
  for (const [index, { length, hits }] of counted.entries()) {
    const turn = yieldToEventLoop(hits.size);
    if (turn) await turn;
    let score = 0;
    // Sorted by term, because floating-point sums depend on the order: the same words in another order must get the
    // same score.
    for (const [term, count] of [...hits].sort(([one], [other]) => one - other)) {
      const saturated = (count * (k1 + 1)) / (count + k1 * (1 - b + (b * length) / averageLength));
      score += (weightedIdf[term] ?? 0) * saturated;
    }
    scores[index] = score;
  }
  return scores;
}

/** What was counted in one document. */
interface DocumentCounts {
  /** Terms. */
  length: number;
  /** Occurrences of the query's terms, by their number. */
  readonly hits: Map<number, number>;
}

function countWords(words: readonly string[], vocabulary: Vocabulary, counts: DocumentCounts): void {
  for (const word of words) {
    const { length, terms } = vocabulary.lookUp(word);
    counts.length += length;
    if (terms.length === 0) continue;
    for (const term of terms) counts.hits.set(term, (counts.hits.get(term) ?? 0) + 1);
  }
}

/**
 * Inverse document frequency of each of the query's terms, times how often the query names it. One is added to the
 * fraction, so that a term that every document has still adds a little, and never subtracts.
 */
function weightedIdfOf(
  counted: readonly DocumentCounts[],
  { terms, weights }: Vocabulary,
  background: Background | undefined,
): readonly number[] {
  const documentsWith = weights.map(() => 0);
  for (const { hits } of counted) for (const term of hits.keys()) documentsWith[term] = (documentsWith[term] ?? 0) + 1;
  return terms.map((term, number) => {
    const having = documentsWith[number] ?? 0;
    const idf = Math.log(1 + (counted.length - having + 0.5) / (having + 0.5));
    return (weights[number] ?? 0) * (background ? blend(idf, background.rarityOf(term)) : idf);
  });
}

/**
 * The documents of a request were found by its query, so that nearly all have its words, also the rare ones: how many have
 * a word says too little of how rare it is where they come from. A source that knows nothing of their subject says it
 * otherwise, but takes for rare what every text on the subject has. Both must agree. The numbers are the best for other
 * collections than those that docs/performance.md measures with, and not sharp: within a third of them little changes.
 */
function blend(idf: number, rarity: number): number {
  return (idf + 0.7) ** (2 / 3) * rarity;
}
