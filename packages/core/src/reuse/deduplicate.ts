/** Texts without their repetitions, and where each one went: `texts[i]` is `unique[sources[i]]`. */
export interface UniqueTexts {
  readonly unique: readonly string[];
  readonly sources: readonly number[];
}

/** Characters looked at to tell most texts apart without reading them whole. */
const samples = 8;
/** Texts that look alike are compared one by one up to this many; then a hash of the whole text is cheaper. */
const mostCompared = 4;
/** V8 hashes longer strings by their length alone: a Map full of them would compare each with all, which is a way to stall the process. */
const longestHashed = 16_000;

/**
 * Finds repetitions; undefined where there are none. Of texts that are longer than 16,000 characters and look alike, a few may be missed: they are
 * scored twice, no more.
 */
export function deduplicate(texts: readonly string[]): UniqueTexts | undefined {
  const seen = new TextIndex();
  let unique: string[] | undefined;
  let sources: number[] | undefined;
  for (let position = 0; position < texts.length; position++) {
    const text = texts[position] ?? "";
    const known = seen.find(text, unique ?? texts, unique?.length ?? position);
    if (known !== undefined && !unique) {
      unique = texts.slice(0, position);
      sources = unique.map((_, source) => source);
    }
    sources?.push(known ?? unique?.length ?? position);
    if (known === undefined) unique?.push(text);
  }
  return unique && sources && { unique, sources };
}

/** The unique texts so far. */
class TextIndex {
  /** By look. Most texts look like no other. */
  readonly #alike = new Map<number, number | number[]>();
  /** There once many look alike, which is rare. */
  #hashed: Map<string, number> | undefined;

  /** Where the same text stands in `unique`; it is remembered to stand at `next` where there is none. */
  find(text: string, unique: readonly string[], next: number): number | undefined {
    const look = sampleHash(text);
    const found = this.#alike.get(look);
    if (found === undefined) {
      this.#alike.set(look, next);
      return undefined;
    }
    const alike = typeof found === "number" ? [found] : found;
    const isFull = alike.length === mostCompared;
    const known = alike.find((source) => unique[source] === text) ?? (isFull ? this.#hashed?.get(text) : undefined);
    if (known !== undefined) return known;
    if (!isFull) this.#alike.set(look, [...alike, next]);
    else if (text.length <= longestHashed) (this.#hashed ??= new Map()).set(text, next);
    return undefined;
  }
}

/** A number that equal texts share, made of the length and of characters spread over the text. */
function sampleHash(text: string): number {
  let look = text.length;
  const step = Math.max(1, Math.floor(text.length / samples));
  for (let position = 0; position < text.length; position += step)
    look = (Math.imul(look, 31) + text.charCodeAt(position)) | 0;
  return look;
}
