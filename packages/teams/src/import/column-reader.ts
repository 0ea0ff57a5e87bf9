import { DheeraError } from "@dheera-ai/core";

import type { ExportedRow, ImportedTable } from "./exported.ts";

/** Reads the columns of a row, whichever way they were exported. Columns that an older LiteLLM has not are null. */
export interface ColumnReader {
  text(column: string): string | null;
  number(column: string): number | null;
  /** Milliseconds since the epoch. */
  time(column: string): number | null;
  truth(column: string): boolean;
  list(column: string): readonly string[];
  /** A JSON value; undefined where there is none. */
  json(column: string): unknown;
  /** Whether there is anything but a default: an empty list or object, zero, false. */
  has(column: string): boolean;
}

/** Its methods throw DheeraError `invalid_request` naming table and column, without quoting what is there. */
export function readColumns(table: ImportedTable, row: ExportedRow): ColumnReader {
  const given = (column: string): unknown => (Object.hasOwn(row, column) ? (row[column] ?? undefined) : undefined);
  const refusal = (column: string, wanted: string): DheeraError =>
    new DheeraError("invalid_request", `${table}.${column}: ${wanted}`, { param: column });

  function text(column: string): string | null {
    const value = given(column);
    if (value === undefined || value === "") return null;
    if (typeof value !== "string") throw refusal(column, "must be a text");
    return value;
  }

  function number(column: string): number | null {
    const value = given(column);
    if (value === undefined || value === "") return null;
    const read = typeof value === "string" ? Number(value) : value;
    if (typeof read !== "number" || !Number.isFinite(read)) throw refusal(column, "must be a number");
    return read;
  }

  function json(column: string): unknown {
    const value = given(column);
    if (typeof value !== "string") return value;
    try {
      return JSON.parse(value);
    } catch {
      throw refusal(column, "must be JSON");
    }
  }

  return {
    text,
    number,
    json,
    time(column) {
      const written = text(column);
      if (written === null) return null;
      // LiteLLM's columns have no time zone, and hold UTC.
      const iso = written.replace(" ", "T");
      const at = Date.parse(
        /(?:Z|[+-]\d\d(?::?\d\d)?)$/.test(iso.slice(10)) ? iso.replace(/([+-]\d\d)$/, "$1:00") : `${iso}Z`,
      );
      if (!Number.isFinite(at)) throw refusal(column, "must be a time");
      return at;
    },
    truth: (column) => [true, "t", "true", "True", 1, "1"].includes(primitive(given(column))),
    list(column) {
      const value = given(column);
      if (value === undefined || value === "") return [];
      const parts = typeof value === "string" && value.startsWith("{") ? partsOfArray(value) : json(column);
      if (!isTexts(parts)) throw refusal(column, "must be a list of texts");
      return parts;
    },
    has(column) {
      const value = given(column);
      if (typeof value === "object" && value !== null) return Object.keys(value).length > 0;
      return value !== undefined && !empty.has(primitive(value));
    },
  };
}

const empty: ReadonlySet<string | number | boolean> = new Set([
  "",
  "{}",
  "[]",
  "null",
  "f",
  "false",
  "False",
  "0",
  0,
  false,
]);

function primitive(value: unknown): string | number | boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : "";
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((part) => typeof part === "string");
}

/** Of a text array as PostgreSQL writes it: `{bge,"a \"name\", quoted"}`. */
function partsOfArray(literal: string): readonly string[] | undefined {
  if (!literal.endsWith("}")) return undefined;
  const parts = literal.slice(1, -1).matchAll(/"((?:[^"\\]|\\[^])*)"|([^",]+)/g);
  return [...parts].map(([, quoted, plain]) => quoted?.replaceAll(/\\([^])/g, "$1") ?? plain ?? "");
}
