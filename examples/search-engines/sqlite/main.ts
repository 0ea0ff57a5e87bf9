// Full-text search of SQLite finds candidates, a reranker orders them: node sqlite/main.ts "lost library card"
import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

import { rerank } from "dheera-ai";

export interface Page {
  readonly id: string;
  readonly title: string;
  readonly text: string;
}

/** A database in memory, with the pages of the town's guide. */
export function openGuide(): DatabaseSync {
  const database = new DatabaseSync(":memory:");
  database.exec("create virtual table pages using fts5(id unindexed, title, text, tokenize = 'porter unicode61')");
  const insert = database.prepare("insert into pages (id, title, text) values (:_id, :title, :text)");
  const corpus = readFileSync(new URL("../../town-guide/corpus.jsonl", import.meta.url), "utf8");
  for (const line of corpus.trimEnd().split("\n")) insert.run(JSON.parse(line));
  return database;
}

/** The best 100 by FTS5's own bm25(), a word of the title counted three times. Any word of the query is enough: the reranker decides. */
export function findPages(database: DatabaseSync, query: string): readonly Page[] {
  const anyWord = (query.match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => `"${word}"`).join(" OR ");
  if (anyWord === "") return [];
  const best = database.prepare(
    "select id, title, text from pages where pages match ? order by bm25(pages, 0, 3, 1), id limit 100",
  );
  return best.all(anyWord).map(({ id, title, text }) => ({ id: String(id), title: String(title), text: String(text) }));
}

/** The best ten of these pages, as the reranker orders them. */
export async function rankPages(query: string, pages: readonly Page[]): Promise<readonly Page[]> {
  if (pages.length === 0) return [];
  const { results } = await rerank({
    model: process.env["RERANK_MODEL"] ?? "bm25/default",
    query,
    documents: pages.map(({ title, text }) => `${title}\n${text}`),
    top_n: 10,
  });
  return results.flatMap(({ index }) => pages[index] ?? []);
}

if (import.meta.main) {
  const query = process.argv[2] ?? "lost library card";
  for (const { id, title } of await rankPages(query, findPages(openGuide(), query))) console.log(id, "-", title);
}
