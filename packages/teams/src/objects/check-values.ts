import { DheeraError } from "@dheera-ai/core";

/** Characters of ids and names: more do not fit into an index of PostgreSQL. */
const mostCharactersOfName = 255;
const mostCharactersOfSubject = 600;
const mostInSmallColumn = 2 ** 31 - 1;
const smallColumns: ReadonlySet<string> = new Set([
  "max_parallel_requests",
  "max_documents",
  "priority",
  "background",
  "blocked",
  "read_metrics",
]);
const fractions: ReadonlySet<string> = new Set(["max_budget", "soft_budget"]);

/**
 * Refuses what one of the databases would refuse or change, so that both take the same.
 * @throws DheeraError `invalid_request` naming the column
 */
export function checkValues(values: object): void {
  for (const [column, value] of Object.entries(values)) {
    if (typeof value === "string") checkText(column, value);
    else if (typeof value === "number") checkNumber(column, value);
  }
}

function checkText(column: string, value: string): void {
  if (value.includes("\0") || !value.isWellFormed())
    throw refusal(column, "has a character that cannot be stored (U+0000, or half of a pair)");
  const most = mostCharactersOf(column);
  if (value.length > most) throw refusal(column, `must have at most ${most} characters`);
  if (value === "" && column.endsWith("_id")) throw refusal(column, "must not be empty");
}

function mostCharactersOf(column: string): number {
  if (column === "sso_user_id") return mostCharactersOfSubject;
  return /_(id|alias|email|by|role|name|hash|duration|zone)$/.test(column) ? mostCharactersOfName : Infinity;
}

function checkNumber(column: string, value: number): void {
  if (fractions.has(column) ? !Number.isFinite(value) : !Number.isSafeInteger(value))
    throw refusal(column, fractions.has(column) ? "must be a number" : "must be a whole number below 2^53");
  if (smallColumns.has(column) && Math.abs(value) > mostInSmallColumn)
    throw refusal(column, `must be at most ${mostInSmallColumn}`);
}

export function refusal(column: string, message: string): DheeraError {
  return new DheeraError("invalid_request", `${column}: ${message}`, { param: column });
}
