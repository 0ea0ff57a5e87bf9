import type { LanguageRules } from "./language.ts";

/**
 * The terms that a word counts as: its stem without accents; none for a stop word; the parts of a word with an
 * apostrophe.
 */
export function termsOf(word: string, rules: LanguageRules): readonly string[] {
  const plain = word.replaceAll("’", "'");
  if (rules.stopWords.has(plain)) return noTerms;
  if (!plain.includes("'")) return [termOf(plain, rules)];
  // A single letter beside an apostrophe is grammar: l'avion, Nevada's.
  const parts = plain.split("'").filter((part) => part.length > 1 && !rules.stopWords.has(part));
  return parts.map((part) => termOf(part, rules));
}

const noTerms: readonly string[] = [];

function termOf(word: string, rules: LanguageRules): string {
  if (!beyondAscii.test(word)) return stem(word, rules);
  // Upper case first, because then ß becomes ss, and the three Greek sigmas become one.
  const folded = word.toUpperCase().toLowerCase();
  return rules.stemsAccents ? withoutAccents(stem(folded, rules)) : stem(withoutAccents(folded), rules);
}

const beyondAscii = /[\u0080-\uFFFF]/;

function stem(word: string, rules: LanguageRules): string {
  return word.length > longestWord ? word : rules.stem(word);
}

/** A longer one is not a word, and the stemmers' expressions take quadratic time. */
const longestWord = 50;

function withoutAccents(word: string): string {
  return word.normalize("NFKD").replace(accents, "");
}

/** Only the marks of alphabets, because the vowel signs of Indic scripts are letters. */
const accents = /[\u0300-\u036F]/g;
