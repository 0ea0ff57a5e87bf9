// How good the ten pages are that each search finds, and that a reranker makes of its first hundred, by the judgements of the town's
// guide: node measure.ts. DATABASE_URL adds PostgreSQL, RERANK_MODEL names another reranker.
import { fileURLToPath } from "node:url";

import { measuresOf, parseMeasures, readCollection } from "@dheera-ai/eval";
import pg from "pg";

import * as pgvector from "./pgvector/main.ts";
import * as postgresql from "./postgresql/main.ts";
import * as sqlite from "./sqlite/main.ts";

/** The mean nDCG@10 of all queries, 0 to 1. */
export interface Quality {
  readonly found: number;
  readonly reranked: number;
}

interface Page {
  readonly id: string;
}

const measures = parseMeasures(["ndcg@10"]);

/** Searches for every query of the town's guide, and reranks what is found. */
export async function measureSearch<Found extends Page>(
  findPages: (query: string) => readonly Found[] | Promise<readonly Found[]>,
  rankPages: (query: string, pages: readonly Found[]) => Promise<readonly Page[]>,
): Promise<Quality> {
  const { queries } = await readCollection(fileURLToPath(new URL("../town-guide", import.meta.url)));
  let found = 0;
  let reranked = 0;
  for (const { text, grades } of queries) {
    const pages = await findPages(text);
    const worth = (ranking: readonly Page[]): number =>
      measuresOf(
        ranking.map(({ id }) => id),
        grades,
        measures,
      )["ndcg@10"] ?? 0;
    found += worth(pages);
    reranked += worth(await rankPages(text, pages));
  }
  return { found: found / queries.length, reranked: reranked / queries.length };
}

export async function measureSqlite(): Promise<Quality> {
  using database = sqlite.openGuide();
  return await measureSearch((query) => sqlite.findPages(database, query), sqlite.rankPages);
}

export async function measurePgvector(): Promise<Quality> {
  await using database = await pgvector.openGuide();
  return await measureSearch((query) => pgvector.findPages(database, query), pgvector.rankPages);
}

/** @param url of an empty database */
export async function measurePostgresql(url: string): Promise<Quality> {
  const database = new pg.Client({ connectionString: url });
  await database.connect();
  try {
    await postgresql.fillGuide(database);
    return await measureSearch((query) => postgresql.findPages(database, query), postgresql.rankPages);
  } finally {
    await database.end();
  }
}

if (import.meta.main) {
  const print = (name: string, { found, reranked }: Quality): void =>
    console.log(name.padEnd(12), found.toFixed(3), reranked.toFixed(3));
  console.log("".padEnd(12), "found", "reranked");
  print("sqlite", await measureSqlite());
  print("pgvector", await measurePgvector());
  const url = process.env["DATABASE_URL"];
  if (url !== undefined) print("postgresql", await measurePostgresql(url));
}
