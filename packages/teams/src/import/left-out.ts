/** Something of an export that has no place here. */
export interface LeftOut {
  readonly table: string;
  /** Absent where whole rows are left out. */
  readonly column?: string;
  /** In how many rows it is. */
  readonly rows: number;
  /** Why, and what to do. */
  readonly reason: string;
}

/** Counts alike ones together. */
export class LeftOutList {
  readonly #found = new Map<string, LeftOut>();

  add(table: string, column: string | undefined, reason: string, rows = 1): void {
    const key = JSON.stringify([table, column, reason]);
    const before = this.#found.get(key)?.rows ?? 0;
    this.#found.set(key, { table, ...(column !== undefined && { column }), rows: before + rows, reason });
  }

  entries(): readonly LeftOut[] {
    return [...this.#found.values()];
  }
}
