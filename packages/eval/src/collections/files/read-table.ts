import { finished } from "node:stream/promises";

import { CsvError, parse, type Parser } from "csv-parse";

import type { Budget } from "./budget.ts";
import { delimiterOf } from "./delimiter-of.ts";
import { readText } from "./read-text.ts";
import { refusal } from "./refusal.ts";

/**
 * Calls back with each row of a CSV file and the number of its last line; the first row is that of the names. Between the
 * fields are commas, semicolons or tabs, whichever the first line has most of.
 * @throws DheeraError `invalid_request` where it cannot be read, or is no CSV.
 */
export async function readTable(
  file: string,
  budget: Budget,
  take: (row: readonly string[], line: number) => void,
): Promise<void> {
  let start = "";
  let parser: Parser | undefined;
  let failure: unknown;
  const open = (): Parser => {
    const opened = parse({
      delimiter: delimiterOf(start),
      skip_empty_lines: true,
      max_record_size: mostCharacters,
      on_record: (row: readonly string[], { lines }) => {
        budget.spendEntry(file);
        take(row, lines);
        // Nothing is left for the stream to hand on.
        return null;
      },
    });
    opened.once("error", (error) => (failure ??= error));
    opened.resume();
    return opened;
  };
  const write = (part: string): void => {
    if (failure !== undefined) throw failure;
    if (parser) {
      parser.write(part);
      return;
    }
    start += part;
    if (start.length > mostCharacters) throw refusal(file, 1, "the first line does not end; it must name the columns");
    if (!/[\r\n]/.test(start)) return;
    parser = open();
    parser.write(start);
  };
  try {
    await readText(file, budget, write);
    if (!parser && start !== "") write("\n");
    parser?.end();
    if (parser && failure === undefined) await finished(parser);
    if (failure !== undefined) throw failure;
  } catch (error) {
    parser?.destroy();
    throw error instanceof CsvError ? refusal(file, lineOf(error), describe(error)) : error;
  }
}

const mostCharacters = 16_000_000;

function lineOf(error: CsvError & { readonly lines?: unknown }): number | undefined {
  return typeof error.lines === "number" ? error.lines : undefined;
}

/** The parser's own message quotes the row. */
function describe({ code }: CsvError): string {
  return code.startsWith("CSV_RECORD_INCONSISTENT")
    ? "the row has another number of fields than the first one, which names them; texts with commas need quotes"
    : `it is not valid CSV (${code.toLowerCase().replaceAll("_", " ")}); put texts into quotes, and double quotes in them`;
}
