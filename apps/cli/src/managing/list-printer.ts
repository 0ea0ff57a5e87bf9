import { drawNarrowTable, hiddenLine } from "../drawing/narrow-table.ts";
import { printable } from "../drawing/printable.ts";
import type { Output } from "../terminal.ts";
import type { ListColumn } from "./columns.ts";
import { safeJson } from "./print-json.ts";
import type { ManagedFormat } from "./proxy-options.ts";
import type { Row } from "./rows.ts";

interface Shown {
  readonly columns: readonly ListColumn[];
  readonly fields: readonly string[];
  readonly none: string;
}

/** Prints rows as they come: a table each time, the elements of one JSON list, or lines of one CSV. */
export class ListPrinter {
  readonly #format: ManagedFormat;
  readonly #shown: Shown;
  readonly #output: Output;
  readonly #csvText: CsvText | undefined;
  readonly #hidden = new Set<string>();
  #rows = 0;

  private constructor(format: ManagedFormat, shown: Shown, output: Output, csvText: CsvText | undefined) {
    this.#format = format;
    this.#shown = shown;
    this.#output = output;
    this.#csvText = csvText;
  }

  static async open(format: ManagedFormat, shown: Shown, output: Output): Promise<ListPrinter> {
    // Only who asks for it waits for the proxy's code that writes it.
    const csvText = format === "csv" ? (await import("@dheera-ai/proxy/reporting")).csvText : undefined;
    return new ListPrinter(format, shown, output, csvText);
  }

  add(rows: readonly Row[]): void {
    if (rows.length === 0) return;
    if (this.#format === "json") this.#addJson(rows);
    else if (this.#csvText) this.#addCsv(rows, this.#csvText);
    else this.#addTable(rows);
    this.#rows += rows.length;
  }

  end(): void {
    const { print } = this.#output;
    if (this.#format === "json") print(this.#rows === 0 ? "[]" : "]");
    else if (this.#csvText) {
      if (this.#rows === 0) this.#addCsv([], this.#csvText);
    } else if (this.#rows === 0) print(this.#shown.none);
    else for (const line of hiddenLine([...this.#hidden], this.#output)) print(line);
  }

  #addJson(rows: readonly Row[]): void {
    const lines = rows.map((row, at) => `${this.#rows + at === 0 ? "[" : ","}${safeJson(row)}`);
    this.#output.print(lines.join("\n"));
  }

  #addCsv(rows: readonly Row[], csvText: CsvText): void {
    const { fields } = this.#shown;
    const text = csvText(
      fields,
      rows.map((row) => fields.map((name) => row[name])),
    );
    const lines = this.#rows === 0 ? text : text.slice(text.indexOf("\r\n") + 2);
    // The last line's end is the terminal's, as it is for everything that is printed.
    printCsv(lines.replace(/\n$/, ""), this.#output);
  }

  #addTable(rows: readonly Row[]): void {
    const { columns } = this.#shown;
    const { lines, hidden } = drawNarrowTable(
      columns,
      rows.map((row) => columns.map((column) => column.of(row))),
      this.#output,
    );
    for (const heading of hidden) this.#hidden.add(heading);
    this.#output.print(lines.join("\n"));
  }
}

/** Programs get the table as it is; a terminal gets nothing that controls it. */
export function printCsv(text: string, { interactive, print }: Output): void {
  print(interactive ? printable(text) : text);
}

type CsvText = (names: readonly string[], rows: readonly (readonly unknown[])[]) => string;
