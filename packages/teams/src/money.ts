/**
 * Amounts are kept as whole billionths of a US dollar, because sums of fractions drift. Up to nine million dollars they are exact
 * in JavaScript, in SQLite and in PostgreSQL.
 */
export type Nanodollars = number;

export function toNanodollars(dollars: number): Nanodollars {
  return Math.round(dollars * 1e9);
}

export function toDollars(amount: Nanodollars): number {
  return amount / 1e9;
}
