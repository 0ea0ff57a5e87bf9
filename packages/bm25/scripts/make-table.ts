import { levelOf, type Table, writeTable } from "../src/background/background.ts";
import { type Language, loadLanguage } from "../src/language.ts";
import { termsOf } from "../src/terms-of.ts";

/**
 * The table of a language from a list of its words: lines of a word, in how many sentences it is, and how often, after
 * lines of comment, one of which says how many sentences there are.
 * @throws Error for a list of another form
 */
export async function makeTable(language: Language, list: string): Promise<Table> {
  const rules = await loadLanguage(language);
  const sentences = Number(/^#DOC_COUNT\t(\d+)$/m.exec(list)?.[1]);
  if (!(sentences > 0)) throw new Error("the list does not say how many sentences were counted (#DOC_COUNT)");
  // The forms of a word are taken to be in different sentences.
  const counts = new Map<string, number>();
  for (const line of list.split("\n")) {
    const [, word, count] = /^([^#\t]+)\t(\d+)\t\d+$/.exec(line) ?? [];
    if (word === undefined) continue;
    for (const term of termsOf(word, rules)) counts.set(term, (counts.get(term) ?? 0) + Number(count));
  }
  const levels = new Map<string, number>();
  for (const [term, count] of counts) {
    const level = levelOf(count / sentences);
    if (level !== undefined) levels.set(term, level);
  }
  return writeTable(levels);
}
