import type { BatchResult } from "./batch-result.ts";
import { type ResultRow, rowsOf } from "./result-rows.ts";

/**
 * A row for each document, as in CSV; row groups of bounded size, so that what is held is one.
 * @throws the system's error where the file cannot be written
 */
export async function writeParquet(
  results: AsyncIterable<BatchResult>,
  file: string,
  withTexts: boolean,
): Promise<void> {
  const { ParquetWriter, fileWriter, schemaFromColumnData } = await loadParquetWriter();
  const group = new RowGroup(withTexts);
  const schema = schemaFromColumnData({ columnData: group.columns() });
  const writer = new ParquetWriter({ writer: fileWriter(file), schema, createdBy: "dheera_ai" });
  const write = async (): Promise<void> => {
    if (group.rows === 0) return;
    await writer.write({ columnData: group.columns(), rowGroupSize: group.rows });
    group.clear();
  };
  for await (const result of results) {
    for (const row of rowsOf(result, withTexts)) group.add(row);
    if (group.isFull) await write();
  }
  await write();
  await writer.finish();
}

/** Before hours of work, after which its file might be another one, or gone. */
export function loadParquetWriter(): Promise<typeof import("hyparquet-writer")> {
  return import("hyparquet-writer");
}

/** Rows as columns. */
class RowGroup {
  readonly #withTexts: boolean;
  #rows: ResultRow[] = [];
  #characters = 0;

  constructor(withTexts: boolean) {
    this.#withTexts = withTexts;
  }

  get rows(): number {
    return this.#rows.length;
  }

  get isFull(): boolean {
    return this.#rows.length >= mostRows || this.#characters >= mostCharacters;
  }

  add(row: ResultRow): void {
    this.#rows.push(row);
    this.#characters += (row.query?.length ?? 0) + (row.document?.length ?? 0);
  }

  clear(): void {
    this.#rows = [];
    this.#characters = 0;
  }

  columns(): Column[] {
    const column = (name: keyof ResultRow, type: Column["type"], nullable = false): Column => ({
      name,
      type,
      nullable,
      data: this.#rows.map((row) => row[name] ?? null),
    });
    return [
      column("line", "INT32"),
      column("query_id", "STRING", true),
      column("document_id", "STRING", true),
      column("index", "INT32"),
      column("rank", "INT32"),
      column("relevance_score", "DOUBLE"),
      ...(this.#withTexts ? [column("query", "STRING", true), column("document", "STRING", true)] : []),
    ];
  }
}

interface Column {
  readonly name: string;
  readonly type: "INT32" | "STRING" | "DOUBLE";
  readonly nullable: boolean;
  readonly data: (string | number | null)[];
}

const mostRows = 50_000;
const mostCharacters = 16_000_000;
