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

/** Finds repetitions. Of texts that are longer than 16,000 characters and look alike, a few may be missed: they are scored twice, no more. */
export function uniqueTexts(texts: readonly string[]): UniqueTexts {
  const unique: string[] = [];
  const lookalikes = new Map<number, number[]>();
  const hashed = new Map<string, number>();
  const sources = texts.map((text) => {
    const look = lookOf(text);
    const alike = lookalikes.get(look);
    const known = alike?.find((source) => unique[source] === text) ?? (alike?.length === mostCompared ? hashed.get(text) : undefined);
    if (known !== undefined) return known;
    const source = unique.push(text) - 1;
    if (!alike) lookalikes.set(look, [source]);
    else if (alike.length < mostCompared) alike.push(source);
    else if (text.length <= longestHashed) hashed.set(text, source);
    return source;
  });
  return { unique: unique.length === texts.length ? texts : unique, sources };
}

/** A number that equal texts share, made of the length and of characters spread over the text. */
function lookOf(text: string): number {
  let look = text.length;
  const step = Math.max(1, (text.length - 1) / (samples - 1));
  for (let position = 0; position < text.length; position += step) look = (Math.imul(look, 31) + text.charCodeAt(position)) | 0;
  return look;
}
