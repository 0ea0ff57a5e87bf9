/** Texts without their repetitions, and where each one went: `texts[i]` is `unique[sources[i]]`. */
export interface UniqueTexts {
  readonly unique: readonly string[];
  readonly sources: readonly number[];
}

/** V8 hashes longer strings by their length alone, so that a Map full of them would compare each with all: a way to stall the process. */
const longestHashed = 16_000;
/** Earlier texts of the same length that a long text is compared with. */
const comparisons = 8;

export function uniqueTexts(texts: readonly string[]): UniqueTexts {
  const unique: string[] = [];
  const short = new Map<string, number>();
  const long = new Map<number, number[]>();
  const sources = texts.map((text) => {
    const known = text.length <= longestHashed ? short.get(text) : findLong(long.get(text.length), unique, text);
    if (known !== undefined) return known;
    const source = unique.push(text) - 1;
    if (text.length <= longestHashed) short.set(text, source);
    else long.set(text.length, [...(long.get(text.length) ?? []).slice(1 - comparisons), source]);
    return source;
  });
  return { unique: unique.length === texts.length ? texts : unique, sources };
}

function findLong(candidates: readonly number[] | undefined, unique: readonly string[], text: string): number | undefined {
  return candidates?.find((source) => unique[source] === text);
}
