import { GrowingNumbers } from "./growing-numbers.ts";

/** For each term the documents that have it. Those of term `t` are at `starts[t]` up to `starts[t + 1]`, in order. */
export interface Postings {
  readonly documents: number;
  readonly starts: Uint32Array;
  readonly documentOf: Uint32Array;
  /** Occurrences of the term in that document, at most 65,535: beyond, another one adds nothing that counts. */
  readonly countOf: Uint16Array;
  /** Terms of each document. */
  readonly lengths: Uint32Array;
  readonly bytes: number;
}

const mostCounted = 65_535;

/** Counts the terms of one document after the other, and turns the lists round at the end. */
export class PostingsBuilder {
  /** The different terms of each document, document after document, and how often it has each. */
  readonly #terms = new GrowingNumbers();
  readonly #counts = new GrowingNumbers();
  /** Where the terms of each document end. */
  readonly #ends = new GrowingNumbers();
  readonly #lengths = new GrowingNumbers();
  /** By term, one more than its place in the document that had it last. */
  readonly #lastPlaces = new GrowingNumbers();
  #start = 0;
  #length = 0;

  /** @param term is at most one above the largest before. */
  count(term: number): void {
    this.#length++;
    if (term === this.#lastPlaces.length) this.#lastPlaces.push(0);
    const last = this.#lastPlaces.at(term);
    if (last > this.#start) {
      this.#counts.set(last - 1, this.#counts.at(last - 1) + 1);
      return;
    }
    this.#terms.push(term);
    this.#counts.push(1);
    this.#lastPlaces.set(term, this.#terms.length);
  }

  endDocument(): void {
    this.#start = this.#terms.length;
    this.#ends.push(this.#start);
    this.#lengths.push(this.#length);
    this.#length = 0;
  }

  finish(): Postings {
    const starts = this.#starts();
    const next = starts.slice();
    const documentOf = new Uint32Array(this.#terms.length);
    const countOf = new Uint16Array(this.#terms.length);
    let at = 0;
    for (let document = 0; document < this.#ends.length; document++) {
      for (const end = this.#ends.at(document); at < end; at++) {
        const term = this.#terms.at(at);
        const place = next[term] ?? 0;
        next[term] = place + 1;
        documentOf[place] = document;
        countOf[place] = Math.min(this.#counts.at(at), mostCounted);
      }
    }
    const lengths = Uint32Array.from({ length: this.#lengths.length }, (_, document) => this.#lengths.at(document));
    const bytes = starts.byteLength + documentOf.byteLength + countOf.byteLength + lengths.byteLength;
    return { documents: lengths.length, starts, documentOf, countOf, lengths, bytes };
  }

  #starts(): Uint32Array {
    const termCount = this.#lastPlaces.length;
    const starts = new Uint32Array(termCount + 1);
    for (let at = 0; at < this.#terms.length; at++) {
      const following = this.#terms.at(at) + 1;
      starts[following] = (starts[following] ?? 0) + 1;
    }
    for (let term = 1; term <= termCount; term++) starts[term] = (starts[term] ?? 0) + (starts[term - 1] ?? 0);
    return starts;
  }
}
