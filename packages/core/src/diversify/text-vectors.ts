/** A text as weights of its words, of length 1: ascending ids and what each weighs. */
export interface TextVector {
  readonly ids: Int32Array;
  readonly weights: Float64Array;
}

/** UTF-16 units of a text that are compared. */
const mostUnits = 2_000;

/** Scripts that put no space between words: two characters at a time are words there. */
const spaceless =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const word = /[\p{L}\p{M}\p{N}]+/gu;

/** Counts the words of texts one by one, and weighs them once all are known: rare words count more. */
export class TextVectors {
  readonly #ids = new Map<string, number>();
  /** In how many texts each word is. */
  readonly #texts: number[] = [];
  readonly #counts: ReadonlyMap<number, number>[] = [];

  add(text: string): void {
    const counts = new Map<number, number>();
    for (const name of wordsOf(text.slice(0, mostUnits))) {
      const id = this.#ids.get(name) ?? this.#ids.size;
      this.#ids.set(name, id);
      if (!counts.has(id)) this.#texts[id] = (this.#texts[id] ?? 0) + 1;
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    this.#counts.push(counts);
  }

  /** Different words of all texts. */
  get words(): number {
    return this.#ids.size;
  }

  /** In the order in which the texts came. */
  vectors(): readonly TextVector[] {
    const all = this.#counts.length;
    return this.#counts.map((counts) => {
      const ids = Int32Array.from(counts.keys()).sort();
      const weights = Float64Array.from(
        ids,
        (id) => (1 + Math.log(counts.get(id) ?? 1)) * Math.log(1 + all / (this.#texts[id] ?? 1)),
      );
      const length = Math.hypot(...weights);
      return { ids, weights: weights.map((weight) => weight / length) };
    });
  }
}

function wordsOf(text: string): readonly string[] {
  const words = (text.toLowerCase().match(word) ?? []).flatMap((found) =>
    spaceless.test(found) ? pairsOf(found) : [found],
  );
  // A text without words is like its equals alone.
  return words.length > 0 ? words : [` ${text.trim()}`];
}

function pairsOf(text: string): readonly string[] {
  const characters = [...text];
  if (characters.length < 2) return characters;
  return characters.slice(1).map((character, index) => `${characters[index]}${character}`);
}
