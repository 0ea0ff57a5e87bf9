/**
 * In place of the values of a statement those of many rows, for each of which SQLite runs it. It takes a third of the time of a statement
 * that takes rows as JSON, because nothing is written as text and read again.
 */
export class EachRow {
  readonly rows: Iterable<readonly (string | number | null)[]>;

  constructor(rows: Iterable<readonly (string | number | null)[]>) {
    this.rows = rows;
  }
}
