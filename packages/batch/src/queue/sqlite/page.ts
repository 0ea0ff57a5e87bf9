import type { SQLInputValue } from "node:sqlite";

import { number, object } from "valibot";

import type { Page } from "../../contract.ts";
import { unknownAfter } from "../unknown-after.ts";
import type { SqliteDatabase } from "./database.ts";

export interface PageClauses {
  /** From `where` to `limit`. */
  readonly text: string;
  readonly values: readonly SQLInputValue[];
}

/** @throws DheeraError `invalid_request` where `after` is not there, or somebody else's */
export function clausesOf(
  db: SqliteDatabase,
  table: "files" | "batches",
  { after, limit, owner, order = "desc", purpose, now }: Page & { readonly purpose?: string; readonly now?: number },
): PageClauses {
  const conditions: string[] = [];
  const values: SQLInputValue[] = [];
  if (owner !== undefined) {
    conditions.push("owner = ?");
    values.push(owner);
  }
  if (purpose !== undefined) {
    conditions.push("purpose = ?");
    values.push(purpose);
  }
  if (after !== undefined) {
    const owned = ["id = ?", ...conditions].join(" and ");
    const [last] = db.rows(
      object({ created_at: number() }),
      `select created_at from ${table} where ${owned}`,
      after,
      ...values,
    );
    if (last === undefined) throw unknownAfter();
    conditions.push(`(created_at, id) ${order === "asc" ? ">" : "<"} (?, ?)`);
    values.push(last.created_at, after);
  }
  // Not before: the page before may have ended with one whose time has passed since.
  if (now !== undefined) {
    conditions.push("(expires_at is null or expires_at > ?)");
    values.push(now);
  }
  const where = conditions.length === 0 ? "" : `where ${conditions.join(" and ")} `;
  return { text: `${where}order by created_at ${order}, id ${order} limit ?`, values: [...values, limit] };
}
