import { DheeraError } from "@dheera-ai/core";

/** How rare words are in a language at large, whatever the documents of a request are about. */
export interface Background {
  /** -ln of the share of short texts that have the term: from 0.5 for the most common ones to 8.1 for those of no table. */
  rarityOf(term: string): number;
}

/** A file of `tables/`, made by `scripts/make-tables.ts`: the terms of a language that are not rare. */
export interface Table {
  /** How many terms it has. */
  readonly terms: number;
  /** Their hashes in ascending order, each as its distance from the one before and its level: see `writeTable`. */
  readonly entries: string;
}

/** @throws DheeraError `internal` where the table is damaged */
export function readTable({ terms, entries }: Table): Background {
  const hashes = new Uint32Array(terms);
  const levels = new Uint8Array(terms);
  let count = 0;
  let hash = 0;
  for (const number of numbersIn(entries)) {
    hash += number >>> levelBits;
    hashes[count] = hash;
    levels[count] = number & (levelCount - 1);
    count++;
  }
  if (count !== terms || hash >= hashCount) throw damaged();
  return { rarityOf: (term) => rarityIn((single) => levelIn(hashes, levels, hashOf(single)), term) };
}

/** The other way round, for terms whose levels are from 1 to 15. Of terms with the same hash the most common one stays. */
export function writeTable(levels: ReadonlyMap<string, number>): Table {
  const byHash = new Map<number, number>();
  for (const [term, level] of levels) {
    const hash = hashOf(term);
    byHash.set(hash, Math.min(level, byHash.get(hash) ?? level));
  }
  let before = 0;
  let entries = "";
  for (const [hash, level] of [...byHash].sort(([one], [other]) => one - other)) {
    entries += digitsOf((hash - before) * levelCount + level);
    before = hash;
  }
  return { terms: byHash.size, entries };
}

/**
 * The level of a term that a share of all sentences has; undefined for one so rare that a general source cannot tell how
 * much: what is rare there may be common in the documents at hand.
 */
export function levelOf(shareOfSentences: number): number | undefined {
  const rarity = rarityOfShare(shareOfSentences);
  const level = Math.max(1, Math.round(rarity / levelStep));
  return level < levelCount && rarity < rarest ? level : undefined;
}

/** The table counts sentences, and what is ranked is longer: some three of them, whose words are taken for independent. */
function rarityOfShare(shareOfSentences: number): number {
  return -Math.log(1 - (1 - Math.min(shareOfSentences, 0.999)) ** 3);
}

/** At the smallest share of sentences at which rarities differ. */
const rarest = rarityOfShare(1e-4);
/** Of terms that the source did not count; a single letter is often a word of grammar. */
const unknown = rarityOfShare(2e-3);
const grammatical = rarityOfShare(0.03);

const levelBits = 4;
const levelCount = 2 ** levelBits;
const levelStep = 0.5;

function rarityIn(levelAt: (term: string) => number | undefined, term: string): number {
  const isPlain = plainWord.test(term);
  const level = levelAt(isPlain ? term : asCounted(term));
  if (level !== undefined) return level * levelStep;
  if (isPlain) return rarest;
  if (letter.test(term)) return grammatical;
  if (uncounted.test(term)) return unknown;
  if (!longUnspaced.test(term)) return rarest;
  // No text has the word and not each pair of its characters, which is what the source counted.
  const characters = Array.from(term);
  const pairs = characters.slice(1).map((character, index) => `${characters[index]}${character}`);
  return Math.max(...pairs.map((pair) => (levelAt(pair) ?? rarest / levelStep) * levelStep));
}

/** Most words are such, and the expressions below take longer than all else here. */
const plainWord = /^[a-z]{3,}$/;

/** The source counted plain letters: where terms keep more than their accents, they are read as it read them. */
function asCounted(term: string): string {
  return term.replace(otherLetters, (letter) => plainLetters.get(letter) ?? letter);
}

// No keys of an object: minifiers leave out their quotes, and a page that does not say that it is UTF-8 cannot read them then.
const plainLetters: ReadonlyMap<string, string> = new Map([
  ["ø", "o"],
  ["æ", "ae"],
  ["œ", "oe"],
  ["đ", "d"],
  ["ð", "d"],
  ["ł", "l"],
  ["ı", "i"],
  ["þ", "th"],
]);
const otherLetters = /[øæœđðłıþ]/g;

/** The source has no numbers, and no words of one or two letters but those of Chinese and Japanese. */
const uncounted = /^(?:\P{L}*|[^\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]{1,2})$/u;

const letter = /^[^\P{L}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]$/u;

const longUnspaced = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー]{3,50}$/u;

function levelIn(hashes: Uint32Array, levels: Uint8Array, hash: number): number | undefined {
  let low = 0;
  let high = hashes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((hashes[middle] ?? 0) < hash) low = middle + 1;
    else high = middle;
  }
  return hashes[low] === hash ? levels[low] : undefined;
}

/**
 * FNV-1a, with its bits mixed once more because the upper ones are thrown away. With ten thousand terms in four million
 * hashes, two or three in a thousand rare words are taken for a common one, and count a little less than they should.
 */
function hashOf(term: string): number {
  let hash = 0x81_1c_9d_c5;
  for (let index = 0; index < term.length; index++) hash = Math.imul(hash ^ term.charCodeAt(index), 0x01_00_01_93);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c_1b_3c_6d);
  return (hash ^ (hash >>> 12)) & (hashCount - 1);
}

const hashCount = 2 ** 22;

/** Numbers in digits of five bits, lowest first; a sixth bit says that the number goes on. Needs no decoder of bytes. */
function* numbersIn(text: string): Generator<number> {
  let number = 0;
  let shift = 0;
  for (const character of text) {
    const digit = digitValues.get(character);
    if (digit === undefined || shift > 25) throw damaged();
    number |= (digit & 31) << shift;
    if (digit < 32) {
      yield number >>> 0;
      number = 0;
      shift = 0;
    } else shift += 5;
  }
  if (shift > 0) throw damaged();
}

function digitsOf(number: number): string {
  let digits = "";
  let rest = number;
  for (; rest > 31; rest >>>= 5) digits += alphabet[(rest & 31) | 32];
  return digits + alphabet[rest];
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const digitValues: ReadonlyMap<string, number> = new Map(Array.from(alphabet, (digit, value) => [digit, value]));

function damaged(): DheeraError {
  return new DheeraError(
    "internal",
    "bm25's table of how rare words are is damaged: install @dheera-ai/bm25 again, or set background: false",
    { provider: "bm25" },
  );
}
