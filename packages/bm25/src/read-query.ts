import type { LanguageRules } from "./language.ts";
import { piecesOf } from "./pieces-of.ts";
import type { Turn } from "./short-turns.ts";
import { termsOf } from "./terms-of.ts";
import { wordsOf } from "./words-of.ts";

/** The terms of a query, numbered, and what any word means for them. */
export interface Vocabulary {
  /** How often the query names each term. */
  readonly weights: readonly number[];
  read(word: string): Meaning;
}

interface Meaning {
  /** Terms the word adds to a document's length: 0 for a stop word. */
  readonly length: number;
  /** Numbers of the query's terms it is an occurrence of. */
  readonly terms: readonly number[];
}

export async function readQuery(query: string, rules: LanguageRules, turn: Turn): Promise<Vocabulary> {
  let used = rules;
  let counts = await countTerms(query, used, turn);
  if (counts.size === 0) {
    // A query of nothing but stop words still asks for something.
    used = { ...rules, stopWords: new Set() };
    counts = await countTerms(query, used, turn);
  }
  const numbers = new Map([...counts.keys()].map((term, number) => [term, number]));
  return { weights: [...counts.values()], read: remembered((word) => meaningOf(termsOf(word, used), numbers)) };
}

async function countTerms(text: string, rules: LanguageRules, turn: Turn): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const piece of piecesOf(text)) {
    await turn(piece.length);
    for (const word of wordsOf(piece))
      for (const term of termsOf(word, rules)) counts.set(term, (counts.get(term) ?? 0) + 1);
  }
  return counts;
}

function meaningOf(terms: readonly string[], numbers: ReadonlyMap<string, number>): Meaning {
  const known = terms.flatMap((term) => numbers.get(term) ?? []);
  // Most words are this one object: what is not made need not be fetched from memory.
  return known.length === 0 && terms.length === 1 ? otherWord : { length: terms.length, terms: known };
}

const otherWord: Meaning = { length: 1, terms: [] };

/** Words repeat, and finding one again is cheaper than stemming it. Bounded, because documents may be made of nothing but different words. */
function remembered(read: (word: string) => Meaning): (word: string) => Meaning {
  const known = new Map<string, Meaning>();
  return (word) => {
    const before = known.get(word);
    if (before) return before;
    const meaning = read(word);
    if (known.size < 50_000) known.set(word, meaning);
    return meaning;
  };
}
