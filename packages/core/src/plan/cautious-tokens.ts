/**
 * How many tokens a text may have, for servers that do not count: rather too many than too few, because a chunk that is
 * too long loses its end. Counted in twelfths of a token, so that sums are exact.
 */
const token = 12;

/** A vocabulary holds common words whole and splits others: about 3 letters to a token in the middle of a word. */
const letterInWord = token / 3;
/** Nobody writes longer words: identifiers, keys, Base64. */
const longestWord = 14;
const letterInLongRun = (token * 3) / 4;
/** Spaces join the word behind them, but indentation has tokens of its own. */
const moreSpace = token / 4;
/** Vocabularies made for Latin scripts know these characters only by their bytes. */
const ideograph = (token * 3) / 2;

/** Tokens of one UTF-16 unit at most, as they are counted here. */
export const mostCautiousTokensPerUnit: number = ideograph / token;

/** About how many tokens a text has, rather too many than too few; special tokens are not among them. */
export function cautiousTokens(text: string): number {
  let weight = 0;
  let run = 0;
  for (let position = 0; position < text.length; position++) {
    const unit = text.charCodeAt(position);
    run = isLetter(unit) || isCapital(unit) ? run + 1 : 0;
    weight += weightOf(unit, run, text.charCodeAt(position - 1));
  }
  return Math.ceil(weight / token);
}

/** Where the longest piece ends that begins at `start` and has at most so many tokens; at least one character later. */
export function takeTokens(text: string, start: number, tokens: number): number {
  let left = tokens * token;
  let run = 0;
  for (let position = start; position < text.length; position++) {
    const unit = text.charCodeAt(position);
    run = isLetter(unit) || isCapital(unit) ? run + 1 : 0;
    left -= weightOf(unit, run, text.charCodeAt(position - 1));
    if (left < 0) return Math.max(start + 1, position);
  }
  return text.length;
}

/** Whether a text has no more tokens than that, as far as can be judged. */
export function fitsTokens(text: string, tokens: number): boolean {
  return text.length * ideograph <= tokens * token || takeTokens(text, 0, tokens) === text.length;
}

/** `run` counts the letters of the word up to this one. */
function weightOf(unit: number, run: number, before: number): number {
  if (run > 0) {
    if (run === 1 || isCapital(unit)) return token;
    return run > longestWord ? letterInLongRun : letterInWord;
  }
  if (isSpace(unit)) return isSpace(before) ? moreSpace : 0;
  // Digits, signs, and every letter outside of ASCII: Arabic, Greek, Cyrillic, accents.
  return unit < 0x2e80 ? token : ideograph;
}

function isLetter(unit: number): boolean {
  return unit >= 0x61 && unit <= 0x7a;
}

function isCapital(unit: number): boolean {
  return unit >= 0x41 && unit <= 0x5a;
}

function isSpace(unit: number): boolean {
  return unit === 0x20 || (unit >= 0x09 && unit <= 0x0d);
}

/**
 * More tokens than any tokenizer makes of a text: each byte may be one, and normalization writes some characters out
 * (U+FDFA as 18).
 */
export function mostTokens(text: string): number {
  let tokens = 0;
  for (let position = 0; position < text.length; position++) tokens += mostTokensOfUnit(text.charCodeAt(position));
  return tokens;
}

/** The same of one UTF-16 unit. */
export function mostTokensOfUnit(unit: number): number {
  if (unit < 0x80) return 1;
  if (unit < 0x800) return 3;
  if (unit >= 0xfb50 && unit < 0xfe00) return 18;
  return unit >= 0x3200 && unit < 0x3400 ? 6 : 4;
}
