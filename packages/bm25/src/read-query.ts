import type { LanguageRules } from "./language.ts";
import { piecesOf } from "./pieces-of.ts";
import { termsOf } from "./terms-of.ts";
import { wordsOf } from "./words-of.ts";
import type { YieldToEventLoop } from "./yield-to-event-loop.ts";

/** The terms of a query, numbered, and which of them a word counts as. */
export interface Vocabulary {
  readonly terms: readonly string[];
  /** How often the query names each term. */
  readonly weights: readonly number[];
  lookUp(word: string): WordTerms;
}

interface WordTerms {
  /** Terms the word adds to a document's length: 0 for a stop word. */
  readonly length: number;
  /** Numbers of the query's terms it is an occurrence of. */
  readonly terms: readonly number[];
}

export async function readQuery(
  query: string,
  rules: LanguageRules,
  yieldToEventLoop: YieldToEventLoop,
): Promise<Vocabulary> {
  let used = rules;
  let counts = await countTerms(query, used, yieldToEventLoop);
  if (counts.size === 0) {
    // A query that has only stop words is searched for by them.
    used = { ...rules, stopWords: new Set() };
    counts = await countTerms(query, used, yieldToEventLoop);
  }
  const terms = [...counts.keys()];
  const numbers = new Map(terms.map((term, number) => [term, number]));
  return {
    terms,
    weights: [...counts.values()],
    lookUp: memoized((word) => countAs(termsOf(word, used), numbers)),
  };
}

async function countTerms(
  text: string,
  rules: LanguageRules,
  yieldToEventLoop: YieldToEventLoop,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const piece of piecesOf(text)) {
    const turn = yieldToEventLoop(piece.length);
    if (turn) await turn;
    for (const word of wordsOf(piece))
      for (const term of termsOf(word, rules)) counts.set(term, (counts.get(term) ?? 0) + 1);
  }
  return counts;
}

function countAs(terms: readonly string[], numbers: ReadonlyMap<string, number>): WordTerms {
  const known = terms.flatMap((term) => numbers.get(term) ?? []);
  // Most words share this one object: one that is not created costs no memory access.
  return known.length === 0 && terms.length === 1 ? otherWord : { length: terms.length, terms: known };
}

const otherWord: WordTerms = { length: 1, terms: [] };

/**
 * Words repeat, and a look-up is cheaper than stemming. The map is bounded, because documents may consist of different
 * words only.
 */
function memoized(lookUp: (word: string) => WordTerms): (word: string) => WordTerms {
  const known = new Map<string, WordTerms>();
  return (word) => {
    const before = known.get(word);
    if (before) return before;
    const terms = lookUp(word);
    if (known.size < 50_000) known.set(word, terms);
    return terms;
  };
}
