import type { LanguageRules } from "../language.ts";
import { termsOf } from "../terms-of.ts";
import { wordsOf } from "../words-of.ts";

/** The terms of a collection, numbered in the order in which they first came up. */
export class Terms {
  readonly #rules: LanguageRules;
  readonly #numbers = new Map<string, number>();
  /** What words count as, because they repeat and a look-up is cheaper than stemming. */
  readonly #ofWords = new Map<string, readonly number[]>();

  constructor(rules: LanguageRules) {
    this.#rules = rules;
  }

  get size(): number {
    return this.#numbers.size;
  }

  /** Calls back with the number of each term in a text, as often as it has it. */
  read(text: string, found: (term: number) => void): void {
    for (const word of wordsOf(text)) {
      for (const term of this.#ofWords.get(word) ?? this.#learn(word)) found(term);
    }
  }

  /** The terms of a query that the collection has, with how often the query names each, in the order of the query. */
  find(query: string): ReadonlyMap<number, number> {
    const counts = new Map<number, number>();
    for (const word of wordsOf(query)) {
      for (const term of termsOf(word, this.#rules)) {
        const number = this.#numbers.get(term);
        if (number !== undefined) counts.set(number, (counts.get(number) ?? 0) + 1);
      }
    }
    return counts;
  }

  #learn(word: string): readonly number[] {
    const numbers = termsOf(word, this.#rules).map((term) => this.#number(term));
    if (this.#ofWords.size < mostWords) this.#ofWords.set(detached(word), numbers);
    return numbers;
  }

  #number(term: string): number {
    const known = this.#numbers.get(term);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(detached(term), number);
    return number;
  }
}

/** Nearly every word of a text is among the most common ones. The map is bounded, because numbers and names never end. */
const mostWords = 200_000;

/**
 * A copy that shares no memory. V8 keeps a longer part of a string as a reference to the whole, so that one word would hold
 * the text of its document.
 */
function detached(word: string): string {
  return word.length < shortestPart ? word : word.split("").join("");
}

const shortestPart = 13;
