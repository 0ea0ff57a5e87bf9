/** One page of a list. */
export interface Listed<Row> {
  readonly rows: readonly Row[];
  /** Of all pages. */
  readonly total: number;
}

export interface ListQuery {
  /** From 1. */
  readonly page: number;
  readonly size: number;
  /** What a name holds; all when empty. */
  readonly search: string;
  /** What was chosen of the list's filters, by their names; all when absent. */
  readonly filters?: Readonly<Record<string, string>>;
}

/** A page of what the API lists as a whole. @param names what is searched */
export function pageOf<Row>(
  all: readonly Row[],
  { page, size, search }: ListQuery,
  names: (row: Row) => readonly string[],
): Listed<Row> {
  const wanted = search.toLowerCase();
  const found = all.filter((row) => names(row).some((name) => name.toLowerCase().includes(wanted)));
  return { rows: found.slice((page - 1) * size, page * size), total: found.length };
}
