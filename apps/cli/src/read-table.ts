import type { JsonDocument } from "@dheera-ai/core";
import { CsvError, parse } from "csv-parse/sync";

import { UsageError } from "./errors.ts";

/**
 * A record a row; a table of one column is a list of texts.
 * @throws UsageError naming the line at fault
 */
export function parseTable(content: string, delimiter: string, name: string): JsonDocument[] {
  try {
    const rows: Record<string, string>[] = parse(content, { columns: true, delimiter, skip_empty_lines: true });
    return rows.map((row) => {
      const [only, ...others] = Object.values(row);
      return only !== undefined && others.length === 0 ? only : row;
    });
  } catch (error) {
    // The parser's own message quotes the row.
    if (error instanceof CsvError)
      throw new UsageError(`${name}:${lineOf(error)} ${describeCsvError(error)}`, { cause: error });
    throw error;
  }
}

function lineOf({ lines: line }: CsvError & { readonly lines?: unknown }): number {
  return typeof line === "number" ? line : 1;
}

function describeCsvError({ code }: CsvError): string {
  return code.startsWith("CSV_RECORD_INCONSISTENT")
    ? "has another number of fields than the first row, which names them"
    : `is not valid CSV (${code.toLowerCase().replaceAll("_", " ")})`;
}
