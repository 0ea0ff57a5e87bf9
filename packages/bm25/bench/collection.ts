import { readFile } from "node:fs/promises";
import { join } from "node:path";

import * as v from "valibot";

import { indexDocuments } from "../src/collection/index.ts";
import type { Language } from "../src/language.ts";

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
  const index = await indexDocuments(documents, { language });
  const search = (query: string): readonly number[] =>
    index.search(query, documents.length).map(({ document }) => document);
  return { documents, queries, search };
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
