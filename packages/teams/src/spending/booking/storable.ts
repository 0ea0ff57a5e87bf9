/** What callers send, as both databases take it. */
const nul = String.fromCharCode(0);

/** PostgreSQL takes no NUL and no half of a surrogate pair, which callers may send in ids and names of models. */
export function clean(value: string): string {
  return isStorable(value) ? value : value.toWellFormed().replaceAll(nul, "\u{fffd}");
}

export function cleanOrNull(value: string | null): string | null {
  return value === null ? null : clean(value);
}

export function isStorable(value: string): boolean {
  return value.isWellFormed() && !value.includes(nul);
}

/** A whole number, whatever a provider counted. */
export function count(value: number | null): number {
  return value !== null && Number.isSafeInteger(Math.round(value)) ? Math.round(value) : 0;
}
