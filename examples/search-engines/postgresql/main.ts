// Full-text search of PostgreSQL finds candidates, a reranker orders them: DATABASE_URL=… node postgresql/main.ts "lost library card"
import { readFileSync } from "node:fs";

import { rerank } from "dheera-ai";
import pg from "pg";

export interface Page {
  readonly id: string;
  readonly title: string;
  readonly text: string;
}

const schema = `
  create table if not exists dheera_town_guide (
    id text primary key,
    title text not null,
    text text not null,
    words tsvector generated always as (
      setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', text), 'B')
    ) stored
  );
  create index if not exists dheera_town_guide_words on dheera_town_guide using gin (words);
`;

/** Makes the table and puts the pages of the town's guide into it. */
export async function fillGuide(database: pg.Client): Promise<void> {
  await database.query(schema);
  const corpus = readFileSync(new URL("../../town-guide/corpus.jsonl", import.meta.url), "utf8");
  await database.query(
    `insert into dheera_town_guide (id, title, text)
     select page ->> '_id', page ->> 'title', page ->> 'text' from unnest($1::jsonb[]) as page
     on conflict do nothing`,
    [corpus.trimEnd().split("\n")],
  );
}

/** The best 100 by ts_rank_cd. Any word of the query is enough: the reranker decides. */
export async function findPages(database: pg.Client, query: string): Promise<readonly Page[]> {
  const anyWord = (query.match(/[\p{L}\p{N}]+/gu) ?? []).join(" or ");
  const { rows } = await database.query<Page>(
    `select id, title, text
     from dheera_town_guide, websearch_to_tsquery('english', $1) as asked
     where words @@ asked
     order by ts_rank_cd(words, asked, 1) desc, id
     limit 100`,
    [anyWord],
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

if (import.meta.main) {
  const query = process.argv[2] ?? "lost library card";
  const database = new pg.Client({ connectionString: process.env["DATABASE_URL"] });
  await database.connect();
  await fillGuide(database);
  for (const { id, title } of await rankPages(query, await findPages(database, query))) console.log(id, "-", title);
  await database.end();
}
