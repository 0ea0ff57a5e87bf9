import { createReadStream } from "node:fs";
import { open, readFile, stat } from "node:fs/promises";
import { basename } from "node:path";
import { createInterface } from "node:readline";

import { DheeraError } from "@dheera-ai/core";
import { parse as parseCsv } from "csv-parse";

import { cellsOf, readCopyHeader } from "./copy-text.ts";
import { type ExportedRow, type LitellmExport, importedTables, isImportedTable } from "./exported.ts";

/** Bytes of a JSON file, which is read as a whole. */
const mostBytesOfJson = 256 * 2 ** 20;

/**
 * Reads `pg_dump`'s plain SQL, line by line; CSV with a heading, and JSON, whose files are named after their table
 * (`LiteLLM_TeamTable.csv`); or one JSON object with a list of rows for each table.
 * @throws DheeraError `invalid_request` naming the file, and what to do where it is of another kind
 */
export async function readExport(paths: readonly string[]): Promise<LitellmExport> {
  const found: Found = { rows: new Map(importedTables.map((table) => [table, []])), others: new Map() };
  for (const path of paths) await readFileInto(found, path);
  const rowsOf = (table: string): readonly ExportedRow[] => found.rows.get(table) ?? [];
  return {
    tables: {
      LiteLLM_BudgetTable: rowsOf("LiteLLM_BudgetTable"),
      LiteLLM_OrganizationTable: rowsOf("LiteLLM_OrganizationTable"),
      LiteLLM_UserTable: rowsOf("LiteLLM_UserTable"),
      LiteLLM_TeamTable: rowsOf("LiteLLM_TeamTable"),
      LiteLLM_TeamMembership: rowsOf("LiteLLM_TeamMembership"),
      LiteLLM_VerificationToken: rowsOf("LiteLLM_VerificationToken"),
      LiteLLM_DeprecatedVerificationToken: rowsOf("LiteLLM_DeprecatedVerificationToken"),
    },
    others: found.others,
  };
}

interface Found {
  readonly rows: Map<string, ExportedRow[]>;
  readonly others: Map<string, number>;
}

function add(found: Found, table: string, row: ExportedRow): void {
  if (isImportedTable(table)) found.rows.get(table)?.push(row);
  else found.others.set(table, (found.others.get(table) ?? 0) + 1);
}

async function readFileInto(found: Found, path: string): Promise<void> {
  const start = await firstBytes(path);
  if (start.startsWith("PGDMP"))
    throw refusal(path, "is an archive of pg_dump; make plain SQL of it: pg_restore --data-only -f export.sql FILE");
  if (start.startsWith("\u001F\u008B")) throw refusal(path, "is compressed; unpack it first: gunzip FILE");
  if (/\.csv$/i.test(path)) await readCsv(found, path);
  else if (/\.json$/i.test(path)) await readJson(found, path);
  else await readSql(found, path);
}

async function firstBytes(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(5), 0, 5, 0);
    return buffer.toString("latin1", 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Rows of other tables are counted and forgotten: logs of requests may be larger than memory. */
async function readSql(found: Found, path: string): Promise<void> {
  let block: ReturnType<typeof readCopyHeader>;
  let blocks = 0;
  let insertsInto: string | undefined;
  for await (const line of createInterface({
    input: createReadStream(path, "utf8"),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    if (block === undefined) {
      block = readCopyHeader(line);
      if (block) blocks++;
      insertsInto ??= /^INSERT INTO .*"(LiteLLM_\w+)"/.exec(line)?.[1];
    } else if (line === "\\.") block = undefined;
    else if (!isImportedTable(block.table)) add(found, block.table, {});
    else {
      const cells = cellsOf(line);
      const { table, columns } = block;
      if (cells.length !== columns.length)
        throw refusal(
          path,
          `a row of ${table} has ${cells.length} cells and not ${columns.length}; is the file whole?`,
        );
      add(found, table, Object.fromEntries(columns.map((column, at) => [column, cells[at]])));
    }
  }
  if (block !== undefined) throw refusal(path, `ends within ${block.table}; it is not whole`);
  if (insertsInto !== undefined)
    throw refusal(path, `has ${insertsInto} as INSERT statements; run pg_dump without --inserts and --column-inserts`);
  if (blocks === 0)
    throw refusal(path, "has no COPY block; wanted is plain SQL of pg_dump, or a file that ends in .csv or .json");
}

async function readCsv(found: Found, path: string): Promise<void> {
  const table = tableOfName(path);
  const rows = createReadStream(path).pipe(
    // An empty cell is null: which of the two it was, CSV does not say in every dialect.
    parseCsv({ columns: true, bom: true, cast: (value, { header }) => (value === "" && !header ? null : value) }),
  );
  try {
    for await (const row of rows) if (isRow(row)) add(found, table, row);
  } catch (error) {
    throw refusal(
      path,
      `is no CSV: ${error instanceof Error && "code" in error ? String(error.code) : "it cannot be read"}`,
    );
  }
}

async function readJson(found: Found, path: string): Promise<void> {
  if ((await stat(path)).size > mostBytesOfJson)
    throw refusal(path, "is larger than 256 MB; export the tables as CSV, or as plain SQL of pg_dump");
  const content = parseJson(await readFile(path, "utf8"), path);
  const tables = isRow(content) ? Object.entries(content) : [[tableOfName(path), content] as const];
  for (const [table, rows] of tables) {
    if (!Array.isArray(rows) || !rows.every(isRow))
      throw refusal(path, `${table} must be a list of rows; wanted is a list, or an object with a list for each table`);
    for (const row of rows) add(found, table, row);
  }
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What the parser says quotes the text.
    throw refusal(path, "is no JSON");
  }
}

/** `LiteLLM_TeamTable.csv`, `public.LiteLLM_TeamTable.json`. */
function tableOfName(path: string): string {
  const [, table] = /^(?:.*\.)?(LiteLLM_\w+)\.\w+$/.exec(basename(path)) ?? [];
  if (table !== undefined) return table;
  throw refusal(path, `must be named after its table, such as ${importedTables[3]}.csv`);
}

function isRow(value: unknown): value is ExportedRow {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function refusal(path: string, message: string): DheeraError {
  return new DheeraError("invalid_request", `${path}: ${message}`);
}
