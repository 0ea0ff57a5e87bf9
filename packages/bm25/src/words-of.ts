/** The words of a text in lower case. An apostrophe between letters belongs to its word. */
export function wordsOf(text: string): readonly string[] {
  const plain = text.normalize("NFKC").toLowerCase().replaceAll(softHyphen, "");
  return unspaced.test(plain) ? segmentedWords(plain) : (plain.match(word) ?? []);
}

const softHyphen = "\u00AD";

const word = /[\p{L}\p{N}][\p{L}\p{M}\p{N}]*(?:(?<=\p{L})['’](?=\p{L})[\p{L}\p{M}\p{N}]+)*/gu;

/**
 * A character beyond Latin, Greek, Cyrillic, Armenian, Hebrew and Arabic letters and general punctuation. Up to there
 * Unicode's word boundaries never fall inside what `word` matches, so that the segmenter, ten times slower, would
 * change nothing.
 */
const unspaced = /[\u0700-\u1DFF\u20D0-\uFFFF]/;

function segmentedWords(text: string): readonly string[] {
  const words: string[] = [];
  for (const { segment } of wordSegmenter().segment(text)) words.push(...(segment.match(word) ?? []));
  return words;
}

let segmenter: Intl.Segmenter | undefined;

/**
 * Created on first use, because that is slow. Its locale is fixed, so that the same text has the same words on every
 * machine.
 */
function wordSegmenter(): Intl.Segmenter {
  return (segmenter ??= new Intl.Segmenter("en", { granularity: "word" }));
}
