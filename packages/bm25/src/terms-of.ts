import type { LanguageRules } from "./language.ts";

/** What a word counts as: its stem without accents; nothing for a stop word; the parts for a word with an apostrophe. */
export function termsOf(word: string, rules: LanguageRules): readonly string[] {
  const plain = word.replaceAll("’", "'");
  if (rules.stopWords.has(plain)) return noTerms;
  if (!plain.includes("'")) return [termOf(plain, rules)];
  // What stands alone beside an apostrophe is grammar: l'avion, Nevada's.
  const parts = plain.split("'").filter((part) => part.length > 1 && !rules.stopWords.has(part));
  return parts.map((part) => termOf(part, rules));
}

const noTerms: readonly string[] = [];

function termOf(word: string, rules: LanguageRules): string {
  if (!beyondAscii.test(word)) return stem(word, rules);
  // By way of upper case ß becomes ss, and all three Greek sigmas one.
  const folded = word.toUpperCase().toLowerCase();
  return rules.stemsAccents ? withoutAccents(stem(folded, rules)) : stem(withoutAccents(folded), rules);
}

const beyondAscii = /[\u0080-\uFFFF]/;

function stem(word: string, rules: LanguageRules): string {
  return word.length > longestWord ? word : rules.stem(word);
}

/** Longer ones are no words, and the stemmers' expressions take quadratic time. */
const longestWord = 50;

function withoutAccents(word: string): string {
  return word.normalize("NFKD").replace(accents, "");
}

/** Only the marks of alphabets: the vowel signs of Indic scripts are letters to their readers. */
const accents = /[\u0300-\u036F]/g;
