import type { LanguageRules } from "./language.ts";
import { piecesOf } from "./pieces-of.ts";
import { readQuery, type Vocabulary } from "./read-query.ts";
import { shortTurns } from "./short-turns.ts";
import { wordsOf } from "./words-of.ts";

export interface Work {
  readonly query: string;
  readonly documents: readonly string[];
  readonly rules: LanguageRules;
  readonly k1: number;
  readonly b: number;
  readonly signal: AbortSignal;
}

/** Okapi BM25 scores in the order of the documents: 0 where no word of the query occurs. Gives way to other work on the event loop. */
export async function scoreDocuments({ query, documents, rules, k1, b, signal }: Work): Promise<Float64Array> {
  const turn = shortTurns(signal);
  const vocabulary = await readQuery(query, rules, turn);

  const tallies: Tally[] = [];
  for (const document of documents) {
    const tally: Tally = { length: 0, hits: new Map() };
    for (const piece of piecesOf(document)) {
      await turn(piece.length);
      countWords(wordsOf(piece), vocabulary, tally);
    }
    tallies.push(tally);
  }

  const averageLength = tallies.reduce((sum, { length }) => sum + length, 0) / tallies.length;
  const rarities = raritiesOf(tallies, vocabulary);
  const scores = new Float64Array(tallies.length);
  for (const [index, { length, hits }] of tallies.entries()) {
    await turn(hits.size);
    let score = 0;
    // In the terms' order, so that the same words in another order add up to the same number.
    for (const [term, count] of [...hits].sort(([one], [other]) => one - other)) {
      const saturated = (count * (k1 + 1)) / (count + k1 * (1 - b + (b * length) / averageLength));
      score += (rarities[term] ?? 0) * saturated;
    }
    scores[index] = score;
  }
  return scores;
}

/** What was counted in one document. */
interface Tally {
  /** Terms. */
  length: number;
  /** Occurrences of the query's terms, by their number. */
  readonly hits: Map<number, number>;
}

function countWords(words: readonly string[], vocabulary: Vocabulary, tally: Tally): void {
  for (const word of words) {
    const { length, terms } = vocabulary.read(word);
    tally.length += length;
    if (terms.length === 0) continue;
    for (const term of terms) tally.hits.set(term, (tally.hits.get(term) ?? 0) + 1);
  }
}

/**
 * Inverse document frequency of each of the query's terms, times how often the query names it. One is added to the fraction, so that a word of
 * every document still counts a little and never against it.
 */
function raritiesOf(tallies: readonly Tally[], { weights }: Vocabulary): readonly number[] {
  const documentsWith = weights.map(() => 0);
  for (const { hits } of tallies) for (const term of hits.keys()) documentsWith[term] = (documentsWith[term] ?? 0) + 1;
  return weights.map((weight, term) => {
    const having = documentsWith[term] ?? 0;
    return weight * Math.log(1 + (tallies.length - having + 0.5) / (having + 0.5));
  });
}
