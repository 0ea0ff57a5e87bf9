import { readFile } from "node:fs/promises";
import { join } from "node:path";

import * as v from "valibot";

import { type Language, loadLanguage } from "../src/language.ts";
import { termsOf } from "../src/terms-of.ts";
import { wordsOf } from "../src/words-of.ts";

/** A test collection in the layout of BEIR, and what BM25 that knows all of it finds. */
export interface Collection {
  readonly documents: readonly string[];
  readonly queries: readonly JudgedQuery[];
  /** Okapi BM25 with the whole collection's document frequencies and mean length; numbers of documents, best first. */
  search(query: string): readonly number[];
}

export interface JudgedQuery {
  readonly text: string;
  /** Grades above 0 by the number of the document. */
  readonly grades: ReadonlyMap<number, number>;
}

export async function readCollection(folder: string, language: Language): Promise<Collection> {
  const corpus = (await lines(join(folder, "corpus.jsonl"))).map((line) => v.parse(entry, JSON.parse(line)));
  const documents = corpus.map(({ title, text }) => `${title} ${text}`.trim());
  const numbers = new Map(corpus.map(({ _id }, number) => [_id, number]));
  const grades = new Map<string, Map<number, number>>();
  for (const line of (await lines(join(folder, "qrels/test.tsv"))).slice(1)) {
    const [query = "", document = "", grade] = line.split("\t");
    const number = numbers.get(document);
    if (number === undefined || !(Number(grade) > 0)) continue;
    grades.set(query, (grades.get(query) ?? new Map()).set(number, Number(grade)));
  }
  const queries = (await lines(join(folder, "queries.jsonl"))).flatMap((line) => {
    const { _id, text } = v.parse(entry, JSON.parse(line));
    const graded = grades.get(_id);
    return graded === undefined ? [] : [{ text, grades: graded }];
  });
  return { documents, queries, search: await searchOf(documents, language) };
}

/** nDCG@10 of a ranking of documents. */
export function ndcg(ranking: readonly number[], grades: ReadonlyMap<number, number>): number {
  const gain = (values: readonly number[]): number =>
    values.slice(0, 10).reduce((sum, value, rank) => sum + value / Math.log2(rank + 2), 0);
  const best = [...grades.values()].sort((one, other) => other - one);
  return gain(ranking.map((number) => grades.get(number) ?? 0)) / gain(best);
}

const entry = v.object({ _id: v.string(), title: v.optional(v.string(), ""), text: v.string() });

async function lines(path: string): Promise<readonly string[]> {
  return (await readFile(path, "utf8")).trim().split("\n");
}

async function searchOf(documents: readonly string[], language: Language): Promise<Collection["search"]> {
  const rules = await loadLanguage(language);
  const read = (text: string): readonly string[] => wordsOf(text).flatMap((word) => termsOf(word, rules));
  const postings = new Map<string, Map<number, number>>();
  const lengths = documents.map((document, number) => {
    const terms = read(document);
    for (const term of terms) {
      const posting = postings.get(term) ?? new Map<number, number>();
      postings.set(term, posting.set(number, (posting.get(number) ?? 0) + 1));
    }
    return terms.length;
  });
  const meanLength = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
  return (query) => {
    const scores = new Map<number, number>();
    for (const term of read(query)) {
      const posting = postings.get(term) ?? new Map<number, number>();
      const idf = Math.log(1 + (documents.length - posting.size + 0.5) / (posting.size + 0.5));
      for (const [number, count] of posting) {
        const saturated = (count * 2.2) / (count + 1.2 * (0.25 + (0.75 * (lengths[number] ?? 0)) / meanLength));
        scores.set(number, (scores.get(number) ?? 0) + idf * saturated);
      }
    }
    return [...scores].sort(([one, first], [other, second]) => second - first || one - other).map(([number]) => number);
  };
}
