import { randomUUID } from "node:crypto";

import { DheeraError } from "@dheera-ai/core";
import { type RawBuilder, sql } from "kysely";

import { deleteInRanges } from "../../database/delete-in-ranges.ts";
import type { Database } from "../../database/open-database.ts";
import type { Actor } from "../../objects/stores.ts";
import { deleteInPieces } from "./delete-in-pieces.ts";

/** Whose answers are deleted. A key is named by the hash under which it is booked. */
export interface Forgotten {
  readonly kind: "key" | "team";
  readonly id: string;
  /** Those of before this, in milliseconds since the epoch; all when absent. */
  readonly before?: number | undefined;
}

/**
 * Deletes single answers of a key or a team, by pieces. The audit log says so first, so that none is gone without a word. Sums of days
 * and what counts against budgets stay: they name nobody who asked, and money that is spent stays spent.
 * @param goesOn asked before each piece
 * @returns how many answers there were
 * @throws DheeraError `timeout` where the database needs too long for a piece, `unavailable` where it is to go on no more; asked again,
 * it goes on with the rest
 */
export function removeAnswersOf(
  database: Database,
  { kind, id, before }: Forgotten,
  actor: Actor,
  now: number,
  goesOn: () => boolean = () => true,
): Promise<number> {
  const column = sql.ref(columns[kind]);
  const until = before === undefined ? sql`` : sql`and at < ${before}`;
  return database.upkeep(async (piece) => {
    const asked = JSON.stringify({ of: kind, before: before === undefined ? null : new Date(before).toISOString() });
    const entry = { actor: actor.name, action: "deleted", kind: "spend", object_id: id, before: null, after: asked };
    await piece(async (transaction) => {
      await transaction
        .insertInto("dheera_audit")
        .values({ id: randomUUID(), at: now, ...entry })
        .execute();
    });
    const removed = await removeWhere(database.kind, piece, sql`${column} = ${id} ${until}`, goesOn);
    if (!goesOn())
      throw new DheeraError("unavailable", `the process stops; ${removed} answers are deleted, ask again for the rest`);
    return removed;
  });
}

const columns = { key: "key_hash", team: "team_id" } as const satisfies Record<Forgotten["kind"], string>;

/** In SQLite no index finds them, because each row would pay for it. */
function removeWhere(
  kind: Database["kind"],
  piece: Database["transaction"],
  condition: RawBuilder<unknown>,
  goesOn: () => boolean,
): Promise<number> {
  if (kind === "sqlite") return deleteInRanges(piece, "dheera_spend_logs", condition, goesOn);
  return deleteInPieces(
    piece,
    (most) => sql`delete from dheera_spend_logs where request_id in (
      select request_id from dheera_spend_logs where ${condition} limit ${most})`,
    goesOn,
  );
}
