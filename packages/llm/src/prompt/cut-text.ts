import { cautiousTokens } from "@dheera-ai/core/provider-utils";

/** A run of more signs without a space, or of spaces alone, counts as several words: nobody writes longer ones. */
const longestWord = 20;

/** UTF-16 units of a token at most, as it is estimated: what is longer need not be counted. */
const mostUnitsPerToken = 8;

/** The first words of a text, or its last ones. A sign of a script without spaces counts as a word. */
export function cutToWords(text: string, words: number, fromEnd: boolean): string {
  let left = words;
  let run = 0;
  let spaces = 0;
  for (let taken = 0; taken < text.length; taken++) {
    const unit = text.charCodeAt(fromEnd ? text.length - 1 - taken : taken);
    if (isSpace(unit)) {
      run = 0;
      if (++spaces % longestWord === 0) left--;
      if (left < 0) return take(text, taken, fromEnd);
      continue;
    }
    spaces = 0;
    const isWord = unit >= 0x2e80 && unit < 0xd800;
    if (isWord || run % longestWord === 0) left--;
    run = isWord ? 0 : run + 1;
    if (left < 0) return take(text, taken, fromEnd);
  }
  return text;
}

/** Other signs of control are part of words: they are longer in a prompt than they are here. */
function isSpace(unit: number): boolean {
  return unit === 0x20 || (unit >= 0x09 && unit <= 0x0d) || unit === 0xa0;
}

/** As much of a text as has so many tokens by an estimate, rather fewer; `fenced` is the text as it is sent. */
export function cutToTokens(text: string, tokens: number, fromEnd: boolean, fenced: (text: string) => string): string {
  let most = Math.min(text.length, tokens * mostUnitsPerToken);
  if (most === text.length && cautiousTokens(fenced(text)) <= tokens) return text;
  let least = 0;
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    if (cautiousTokens(fenced(take(text, middle, fromEnd))) <= tokens) least = middle;
    else most = middle - 1;
  }
  return take(text, least, fromEnd);
}

/** So many UTF-16 units, or one fewer where a character would be halved. */
function take(text: string, units: number, fromEnd: boolean): string {
  if (fromEnd) {
    const start = text.length - units;
    return text.slice(isLowSurrogate(text.charCodeAt(start)) ? start + 1 : start);
  }
  return text.slice(0, isLowSurrogate(text.charCodeAt(units)) ? units - 1 : units);
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
