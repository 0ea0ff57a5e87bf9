import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { describe, expect, it } from "vitest";

import {
  type Quality,
  measurePgvector,
  measurePostgresql,
  measureSqlite,
} from "../../examples/search-engines/measure.ts";
import * as sqlite from "../../examples/search-engines/sqlite/main.ts";
import { bunBinary } from "../support/bun-binary.ts";
import { needs } from "../support/programs.ts";
import { startPostgresqlServer } from "../support/postgresql-server.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const overview = await readFile(`${root}/docs/search-engines/README.md`, "utf8");

describe.each(["sqlite", "postgresql", "pgvector"])("%s", (engine) => {
  it("has a page that shows the whole program", async () => {
    const page = await readFile(`${root}/docs/search-engines/${engine}.md`, "utf8");
    const program = await readFile(`${root}/examples/search-engines/${engine}/main.ts`, "utf8");
    expect(page).toContain(`\`\`\`ts\n${program}\`\`\``);
  });
});

describe("a program that searches and reranks", () => {
  it("runs on the SQLite of Node.js", async () => {
    expect(await search("sqlite", "an old mattress")).toContain("waste-mattress - Old beds and mattresses");
  });

  it("runs on the SQLite of Bun", async () => {
    const program = `${root}/examples/search-engines/sqlite/main.ts`;
    const options = ["--conditions=source", program, "an old mattress"];
    const { stdout } = await promisify(execFile)(bunBinary(), options, { env: { PATH: process.env["PATH"] } });
    expect(stdout.split("\n")).toContain("waste-mattress - Old beds and mattresses");
  });

  it("reads what SQLite has for operators as words", () => {
    using database = sqlite.openGuide();
    for (const query of ['card AND "', "AC/DC NEAR( card", "-card* OR", "title:card", "'card"])
      expect(sqlite.findPages(database, query).map(({ id }) => id)).toContain("library-card-lost");
    expect(sqlite.findPages(database, "?!")).toEqual([]);
  });

  it("runs on PostgreSQL in the process, with pgvector", async () => {
    expect(await search("pgvector", "an old mattress")).toContain("waste-mattress - Old beds and mattresses");
  });

  it("runs on a PostgreSQL server, again and again", needs("postgresql"), async () => {
    await using server = await startPostgresqlServer();
    const DATABASE_URL = await server.createDatabase();
    for (const query of ["an old mattress", "an 'old' -mattress \" or"])
      expect(await search("postgresql", query, { DATABASE_URL })).toContain("waste-mattress - Old beds and mattresses");
    expect(await search("postgresql", "?!", { DATABASE_URL })).toEqual([]);
  });
});

describe("the figures of the overview", () => {
  it("are those of SQLite", async () => {
    expect(written(await measureSqlite())).toEqual(shown("SQLite FTS5"));
  });

  it("are those of PostgreSQL", needs("postgresql"), async () => {
    await using server = await startPostgresqlServer();
    expect(written(await measurePostgresql(await server.createDatabase()))).toEqual(shown("PostgreSQL, `ts_rank_cd`"));
  });

  it("are those of pgvector, whose index is built with chance", async () => {
    const { found, reranked } = await measurePgvector();
    const [alone = "", words = ""] = shown("pgvector and full text");
    expect(Math.abs(found - Number(alone))).toBeLessThan(0.02);
    expect(Math.abs(reranked - Number(words))).toBeLessThan(0.02);
  });
});

/** The pages that a program prints, best first. */
async function search(engine: string, query: string, more: NodeJS.ProcessEnv = {}): Promise<readonly string[]> {
  const program = `${root}/examples/search-engines/${engine}/main.ts`;
  const env = { PATH: process.env["PATH"], ...more };
  const { stdout } = await promisify(execFile)(process.execPath, ["-C", "source", program, query], { env });
  return stdout.split("\n").filter((line) => line !== "");
}

function written({ found, reranked }: Quality): readonly string[] {
  return [found.toFixed(3), reranked.toFixed(3)];
}

/** The first two figures of a row. */
function shown(row: string): readonly string[] {
  const line = overview.split("\n").find((text) => text.startsWith(`| ${row}`)) ?? "";
  return line.split(" | ").slice(1, 3);
}
