import { bestOf } from "./best-of.ts";
import type { Postings } from "./postings.ts";

/** A document that holds a word of the query. */
export interface Found {
  /** The document's place in what was indexed, from 0. */
  readonly document: number;
  /** Okapi BM25; above 0. */
  readonly score: number;
}

/** Scores documents for queries by Okapi BM25; what does not depend on the query is computed once. */
export class Okapi {
  readonly #postings: Postings;
  readonly #k1: number;
  /** By document, what its length adds below the fraction. */
  readonly #lengthFactors: Float64Array;
  /** By document, all 0 between two searches. */
  readonly #scores: Float64Array;
  /** The documents that have a score, for as many as there are. */
  readonly #touched: Uint32Array;

  constructor(postings: Postings, k1: number, b: number) {
    this.#postings = postings;
    this.#k1 = k1;
    const total = postings.lengths.reduce((sum, length) => sum + length, 0);
    const average = total / Math.max(1, postings.documents);
    this.#lengthFactors = Float64Array.from(postings.lengths, (length) => k1 * (1 - b + (b * length) / average));
    this.#scores = new Float64Array(postings.documents);
    this.#touched = new Uint32Array(postings.documents);
  }

  /** The best documents that have one of the terms, equal ones in their order. */
  search(terms: ReadonlyMap<number, number>, most: number): readonly Found[] {
    let count = 0;
    // Sorted, because floating-point sums depend on the order: the same words in another order must get the same scores.
    for (const [term, weight] of [...terms].sort(([one], [other]) => one - other))
      count = this.#add(term, weight, count);
    const touched = this.#touched.subarray(0, count);
    const best = bestOf(touched, this.#scores, most);
    const found = best.map((document) => ({ document, score: this.#scores[document] ?? 0 }));
    for (const document of touched) this.#scores[document] = 0;
    return found;
  }

  /** Returns how many documents have a score now, of which there were `touched` before. */
  #add(term: number, weight: number, touched: number): number {
    const { documents, starts, documentOf, countOf } = this.#postings;
    const start = starts[term] ?? 0;
    const end = starts[term + 1] ?? 0;
    const idf = Math.log(1 + (documents - (end - start) + 0.5) / (end - start + 0.5));
    const factor = weight * idf * (this.#k1 + 1);
    for (let place = start; place < end; place++) {
      const document = documentOf[place] ?? 0;
      const count = countOf[place] ?? 0;
      const before = this.#scores[document] ?? 0;
      if (before === 0) this.#touched[touched++] = document;
      this.#scores[document] = before + (factor * count) / (count + (this.#lengthFactors[document] ?? 0));
    }
    return touched;
  }
}
