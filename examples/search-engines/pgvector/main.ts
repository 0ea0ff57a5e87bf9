// Vectors and full-text search of PostgreSQL find candidates, a reranker orders them: node pgvector/main.ts "lost library card"
import { readFileSync } from "node:fs";

import { PGlite } from "@electric-sql/pglite";
import { vector } from "@electric-sql/pglite-pgvector";
import { rerank } from "dheera-ai";

export interface Page {
  readonly id: string;
  readonly title: string;
  readonly text: string;
}

const schema = `
  create extension vector;
  create table pages (
    id text primary key,
    title text not null,
    text text not null,
    words tsvector generated always as (
      setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', text), 'B')
    ) stored,
    embedding vector(256) not null
  );
  create index pages_words on pages using gin (words);
  create index pages_embedding on pages using hnsw (embedding vector_cosine_ops);
  set hnsw.ef_search = 100; -- else the index gives 40 at most, whatever the limit
`;

/** A database in this process, with the pages of the town's guide. The same SQL runs on a server that has pgvector. */
export async function openGuide(): Promise<PGlite> {
  const database = await PGlite.create({ extensions: { vector } });
  await database.exec(schema);
  const corpus = readFileSync(new URL("../../town-guide/corpus.jsonl", import.meta.url), "utf8");
  const pages = corpus
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line))
    .map(({ _id, title, text }) => ({ id: _id, title, text, embedding: JSON.stringify(embed(`${title}\n${text}`)) }));
  await database.query(
    `insert into pages (id, title, text, embedding)
     select * from jsonb_to_recordset($1) as page (id text, title text, text text, embedding vector)`,
    [JSON.stringify(pages)],
  );
  return database;
}

/** The best 100 by reciprocal rank fusion of both searches, 100 of each: a page gets 1 / (60 + place) from each that finds it. */
export async function findPages(database: PGlite, query: string): Promise<readonly Page[]> {
  const anyWord = (query.match(/[\p{L}\p{N}]+/gu) ?? []).join(" or ");
  const { rows } = await database.query<Page>(
    `with by_words as (
       select id, row_number() over (order by ts_rank_cd(words, asked, 1) desc, id) as place
       from pages, websearch_to_tsquery('english', $1) as asked
       where words @@ asked
       order by place limit 100
     ), by_meaning as (
       select id, row_number() over (order by distance, id) as place
       from (select id, embedding <=> $2 as distance from pages order by distance limit 100) as nearest
     )
     select id, title, text
     from by_words full join by_meaning using (id) join pages using (id)
     order by coalesce(1.0 / (60 + by_words.place), 0) + coalesce(1.0 / (60 + by_meaning.place), 0) desc, id
     limit 100`,
    [anyWord, JSON.stringify(embed(query))],
  );
  return rows;
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

/**
 * Stands for an embedding model, which this example has none of: counts the runs of three letters of each word, in 256 places. It
 * finds words that are spelt alike (parking, parked), and knows nothing of meaning.
 */
function embed(text: string): readonly number[] {
  const counts = Array.from({ length: 256 }, () => 0);
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [])
    for (let start = 0; start < word.length; start++) {
      const place = hash(` ${word} `.slice(start, start + 3));
      counts[place] = (counts[place] ?? 0) + 1;
    }
  const length = Math.hypot(...counts) || 1;
  return counts.map((count) => count / length);
}

function hash(letters: string): number {
  return [...letters].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 65_521, 7) % 256;
}

if (import.meta.main) {
  const query = process.argv[2] ?? "lost library card";
  const database = await openGuide();
  for (const { id, title } of await rankPages(query, await findPages(database, query))) console.log(id, "-", title);
  await database.close();
}
