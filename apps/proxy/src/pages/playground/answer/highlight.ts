/** A part of a text, and whether it is a word of the query. */
export interface Segment {
  readonly text: string;
  readonly isHit: boolean;
}

/** Marking is for the eye: in texts beyond this length the rest stays plain. */
const mostCharacters = 50_000;
const shortestStem = 4;
const longestEnding = 3;
/** Words of four letters and more that say nothing about what is asked for. */
const emptyWords: ReadonlySet<string> = new Set(
  "about does from have into that their there they this what when where which will with would your".split(" "),
);

const words = new Intl.Segmenter(undefined, { granularity: "word" });

/** The words of a query that are marked: the longer ones, or all where there is no longer one. */
export function wordsOf(query: string): readonly string[] {
  const all = [...words.segment(query)].flatMap(({ segment, isWordLike }) => (isWordLike ? [plain(segment)] : []));
  const telling = all.filter(
    (word) => !emptyWords.has(word) && (word.length >= shortestStem || !/^[a-z]+$/.test(word)),
  );
  return [...new Set(telling.length > 0 ? telling : all)];
}

/** Divides a text into parts that are words of the query and parts that are not; together they are the text. */
export function highlight(text: string, query: readonly string[]): readonly Segment[] {
  const segments: { text: string; isHit: boolean }[] = [];
  const add = (part: string, isHit: boolean): void => {
    const last = segments.at(-1);
    if (last?.isHit === isHit) last.text += part;
    else if (part !== "") segments.push({ text: part, isHit });
  };
  for (const { segment, isWordLike = false } of words.segment(text.slice(0, mostCharacters)))
    add(segment, isWordLike && query.some((word) => isSameWord(word, plain(segment))));
  add(text.slice(mostCharacters), false);
  return segments;
}

/** Equal, or equal but for an ending: `keep` and `keeps`. */
function isSameWord(one: string, other: string): boolean {
  if (one === other) return true;
  const [short, long] = one.length < other.length ? [one, other] : [other, one];
  return short.length >= shortestStem && long.length - short.length <= longestEnding && long.startsWith(short);
}

/** Without case and accents. */
function plain(word: string): string {
  return word.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();
}
