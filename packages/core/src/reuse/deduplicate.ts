/** Texts without their duplicates, and where each one went: `texts[i]` is `unique[sources[i]]`. */
export interface UniqueTexts {
  readonly unique: readonly string[];
  readonly sources: readonly number[];
}

/** Characters of the beginning, of the end and of all between, read to tell most texts apart without reading them whole. */
const samples = 6;
/**
 * Texts with the same sample hash are compared one by one up to this many; then a hash of the whole text is cheaper.
 */
const mostCompared = 4;
/**
 * V8 hashes longer strings by their length alone: a Map full of them would compare each with all, which is a way to
 * stall the process.
 */
const longestHashed = 16_000;

/**
 * Finds duplicates; undefined where there are none. Of texts that are longer than 16,000 characters and have the same
 * sample hash, a few may be missed: they are scored twice, no more.
 */
export function deduplicate(texts: readonly string[]): UniqueTexts | undefined {
  if (areAllDifferent(texts)) return undefined;
  const index = new TextIndex();
  let unique: string[] | undefined;
  let sources: number[] | undefined;
  for (let position = 0; position < texts.length; position++) {
    const text = texts[position] ?? "";
    const known = index.find(text, unique ?? texts, unique?.length ?? position);
    if (known !== undefined && !unique) {
      unique = texts.slice(0, position);
      sources = unique.map((_, source) => source);
    }
    sources?.push(known ?? unique?.length ?? position);
    if (known === undefined) unique?.push(text);
  }
  return unique && sources && { unique, sources };
}

/**
 * Of the texts at these positions, all when absent, those that stand at an earlier one already, and where; undefined
 * where there are none.
 */
export function duplicatesOf(texts: readonly string[], positions?: readonly number[]): Map<number, number> | undefined {
  const found = deduplicate(positions ? positions.map((position) => texts[position] ?? "") : texts);
  if (!found) return undefined;
  const firsts: number[] = [];
  const duplicates = new Map<number, number>();
  for (const [index, source] of found.sources.entries()) {
    const position = positions?.[index] ?? index;
    const first = (firsts[source] ??= position);
    if (first !== position) duplicates.set(position, first);
  }
  return duplicates;
}

/**
 * Whether no two texts have the same sample hash, as in most requests: then nothing else has to be known of them. A table of
 * plain numbers tells that in less than half of the time that a Map takes.
 */
function areAllDifferent(texts: readonly string[]): boolean {
  // At least twice as many places as texts.
  const bits = 33 - Math.clz32(texts.length);
  const hashes = new Int32Array(2 ** bits);
  for (const text of texts) {
    // A free place holds 0.
    const hash = sampleHash(text) || 1;
    let place = Math.imul(hash, spread) >>> (32 - bits);
    for (; hashes[place] !== 0; place = (place + 1) % hashes.length) if (hashes[place] === hash) return false;
    hashes[place] = hash;
  }
  return true;
}

/** Odd, and another in each process, so that nobody can choose texts whose places are all the same. */
const spread = Math.floor(Math.random() * 2 ** 31) * 2 + 1;

/** The unique texts so far. */
class TextIndex {
  /** By sample hash. Most texts share theirs with no other. */
  readonly #bySample = new Map<number, number | number[]>();
  /** By whole text; absent until many share a sample hash, which is rare. */
  #byText: Map<string, number> | undefined;

  /** Where the same text stands in `unique`; where there is none, the text is entered at `next`. */
  find(text: string, unique: readonly string[], next: number): number | undefined {
    const hash = sampleHash(text);
    const found = this.#bySample.get(hash);
    if (found === undefined) {
      this.#bySample.set(hash, next);
      return undefined;
    }
    const sameHash = typeof found === "number" ? [found] : found;
    const isFull = sameHash.length === mostCompared;
    const known = sameHash.find((source) => unique[source] === text) ?? (isFull ? this.#byText?.get(text) : undefined);
    if (known !== undefined) return known;
    if (!isFull) this.#bySample.set(hash, [...sameHash, next]);
    else if (text.length <= longestHashed) (this.#byText ??= new Map()).set(text, next);
    return undefined;
  }
}

/**
 * A number that equal texts share, made of the length, of the beginning and the end, where texts of one form differ most often,
 * and of characters spread over what is between.
 */
function sampleHash(text: string): number {
  const { length } = text;
  const step = Math.max(1, Math.floor(length / samples));
  let hash = length;
  for (let position = 0; position < length; position += step) hash = mix(hash, text.charCodeAt(position));
  for (let near = 1; near < samples && near < length; near++) {
    hash = mix(hash, text.charCodeAt(near));
    hash = mix(hash, text.charCodeAt(length - near));
  }
  return hash;
}

function mix(hash: number, unit: number): number {
  return (Math.imul(hash, 31) + unit) | 0;
}
