import { randomUUID } from "node:crypto";

import { sql, type Transaction } from "kysely";

import type { Database } from "../database/open-database.ts";
import type { AuditRow, Tables } from "../database/tables.ts";
import type { Actor, ObjectKind } from "./stores.ts";

/** One change as it is audited and as replicas hear of it. */
export interface Recorded {
  readonly action: "created" | "updated" | "deleted" | "blocked" | "unblocked" | "rotated" | "imported";
  readonly kind: ObjectKind;
  readonly id: string;
  readonly before?: object;
  readonly after?: object;
}

export interface Writing {
  readonly transaction: Transaction<Tables>;
  readonly actor: Actor;
  /** Milliseconds since the epoch. */
  readonly now: number;
  record(change: Recorded): void;
}

export type Write = <T>(actor: Actor, work: (writing: Writing) => Promise<T>) => Promise<T>;

/**
 * Changes are made one after the other over all replicas: each holds the counter of changes until it is committed. So what a change has
 * read stays true, ids that were free stay free, and replicas see the changes in their order, without gaps.
 * @param written is told after the commit, and awaited, so that this process knows of its own changes at once
 */
export function writeTo(database: Database, written: () => Promise<void>): Write {
  return async (actor, work) => {
    const { result, changes } = await database.transaction(async (transaction) => {
      const counter = await sql<{ value: number }>`
        update dheera_change_counter set value = value where id = 1 returning value`.execute(transaction);
      const recorded: Recorded[] = [];
      const now = Date.now();
      const done = await work({ transaction, actor, now, record: (change) => void recorded.push(change) });
      await insertChanges(transaction, counter.rows[0]?.value ?? 0, recorded, actor, now);
      return { result: done, changes: recorded.length };
    });
    if (changes > 0) await written();
    return result;
  };
}

/** Rows of one statement: its parameters are bounded in both databases. */
const rowsAtOnce = 500;

async function insertChanges(
  transaction: Transaction<Tables>,
  last: number,
  recorded: readonly Recorded[],
  actor: Actor,
  now: number,
): Promise<void> {
  for (let start = 0; start < recorded.length; start += rowsAtOnce) {
    const part = recorded.slice(start, start + rowsAtOnce);
    await transaction
      .insertInto("dheera_changes")
      .values(part.map(({ kind, id }, index) => ({ sequence: last + start + index + 1, at: now, kind, id })))
      .execute();
    await transaction
      .insertInto("dheera_audit")
      .values(part.map((change) => toAuditRow(change, actor, now)))
      .execute();
  }
  if (recorded.length > 0)
    await transaction
      .updateTable("dheera_change_counter")
      .set({ value: last + recorded.length })
      .where("id", "=", 1)
      .execute();
}

function toAuditRow({ action, kind, id, before, after }: Recorded, actor: Actor, now: number): AuditRow {
  return {
    id: randomUUID(),
    at: now,
    actor: actor.name,
    action,
    kind,
    object_id: id,
    before: before ? withoutSecrets(before) : null,
    after: after ? withoutSecrets(after) : null,
  };
}

/** Encrypted texts stay out: the key they are under may be lost one day, and the log is kept for long. */
function withoutSecrets(row: object): string {
  return JSON.stringify(row).replaceAll(/enc:v1:[\w:./+=-]*/g, "enc:v1:…");
}
