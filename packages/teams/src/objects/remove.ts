import { sql } from "kysely";

import type { KeyRow, MemberRow, OrganizationMemberRow, TeamRow } from "../database/tables.ts";
import { refusal } from "./check-values.ts";
import { budgets, type Kind } from "./kinds.ts";
import { memberId, organizationMemberId } from "./member-id.ts";
import { deleteRows, selectRows, type Where } from "./rows.ts";
import type { ObjectKind } from "./stores.ts";
import type { Writing } from "./write.ts";

/**
 * Removes rows with what cannot be without them: keys and memberships of teams and users, teams of organizations, and how much of their
 * budgets is spent. The records of what they spent stay, for reports.
 * @returns the ids that were there
 * @throws DheeraError `invalid_request` for a budget that is in use
 */
export async function removeWithDependents<Row extends object>(
  writing: Writing,
  kind: Kind<Row>,
  ids: readonly string[],
): Promise<readonly string[]> {
  const removed: string[] = [];
  for (const id of new Set(ids)) {
    const [row] = await selectRows<Row & object>(writing.transaction, kind.table, where(kind.id, id));
    if (row === undefined) continue;
    if (kind.kind === "budget") await refuseInUse(writing, id);
    await removeDependents(writing, kind.kind, id);
    await deleteRows(writing.transaction, kind.table, where(kind.id, id));
    await forgetSpent(writing, kind.kind, id);
    writing.record({ action: "deleted", kind: kind.kind, id, before: row });
    removed.push(id);
  }
  return removed;
}

async function removeDependents(writing: Writing, kind: ObjectKind, id: string): Promise<void> {
  if (kind === "organization") {
    const teams = await selectRows<TeamRow>(writing.transaction, "dheera_teams", { organization_id: id });
    for (const team of teams) {
      await removeDependents(writing, "team", team.team_id);
      await deleteRows(writing.transaction, "dheera_teams", { team_id: team.team_id });
      await forgetSpent(writing, "team", team.team_id);
      writing.record({ action: "deleted", kind: "team", id: team.team_id, before: team });
    }
    await removeKeys(writing, { organization_id: id });
    await removeOrganizationMembers(writing, { organization_id: id });
  }
  if (kind === "team") {
    await removeKeys(writing, { team_id: id });
    await removeMembers(writing, { team_id: id });
  }
  if (kind === "user") {
    await removeKeys(writing, { user_id: id });
    await removeMembers(writing, { user_id: id });
    await removeOrganizationMembers(writing, { user_id: id });
  }
}

export async function removeKeys(writing: Writing, condition: Where<KeyRow>): Promise<void> {
  const rows = await selectRows<KeyRow>(writing.transaction, "dheera_keys", condition);
  for (const row of rows) {
    await deleteRows(writing.transaction, "dheera_sessions", { key_hash: row.key_hash });
    await deleteRows(writing.transaction, "dheera_keys", { key_hash: row.key_hash });
    await forgetSpent(writing, "key", row.key_id);
    if (row.blocked === 1) await rememberBlocked(writing, row);
    writing.record({ action: "deleted", kind: "key", id: row.key_id, before: row });
  }
}

/** Otherwise who has the text of the key could make it again, and be let in. */
async function rememberBlocked({ transaction, now }: Writing, row: KeyRow): Promise<void> {
  const hashes = new Set([row.key_hash, row.key_id, row.previous_hash].filter((hash) => hash !== null));
  for (const key_hash of hashes)
    await transaction
      .insertInto("dheera_blocked_hashes")
      .values({ key_hash, blocked_at: now })
      .onConflict((conflict) => conflict.column("key_hash").doNothing())
      .execute();
}

/**
 * With the keys that they have for the team: what limited these was the membership.
 * @returns those who were members
 */
export async function removeMembers(writing: Writing, condition: Where<MemberRow>): Promise<readonly MemberRow[]> {
  const rows = await selectRows<MemberRow>(writing.transaction, "dheera_members", condition);
  for (const row of rows) {
    const { team_id, user_id } = row;
    await removeKeys(writing, { team_id, user_id });
    await deleteRows(writing.transaction, "dheera_members", { team_id, user_id });
    await forgetSpent(writing, "member", memberId(row));
    writing.record({ action: "deleted", kind: "member", id: memberId(row), before: row });
  }
  return rows;
}

/** @returns those who were members */
export async function removeOrganizationMembers(
  writing: Writing,
  condition: Where<OrganizationMemberRow>,
): Promise<readonly OrganizationMemberRow[]> {
  const table = "dheera_organization_members";
  const rows = await selectRows<OrganizationMemberRow>(writing.transaction, table, condition);
  for (const row of rows) {
    const { organization_id, user_id } = row;
    const id = organizationMemberId(row);
    await deleteRows(writing.transaction, table, { organization_id, user_id });
    await forgetSpent(writing, "organization_member", id);
    writing.record({ action: "deleted", kind: "organization_member", id, before: row });
  }
  return rows;
}

/** Who comes after under the same id begins with a whole budget. */
async function forgetSpent(writing: Writing, owner_kind: ObjectKind, owner_id: string): Promise<void> {
  for (const table of ["dheera_spent", "dheera_allowances"] as const)
    await deleteRows(writing.transaction, table, { owner_kind, owner_id });
}

async function refuseInUse(writing: Writing, budget: string): Promise<void> {
  const owners = [
    "dheera_keys",
    "dheera_members",
    "dheera_users",
    "dheera_teams",
    "dheera_organization_members",
    "dheera_organizations",
  ] as const;
  for (const table of owners) {
    const { rows } = await sql`select 1 as found from ${sql.table(table)} where budget_id = ${budget} limit 1`.execute(
      writing.transaction,
    );
    if (rows.length > 0)
      throw refusal(
        budgets.id,
        `${budget} is in use by ${table.replace("dheera_", "").replace("_", " ")}; give them another budget first`,
      );
  }
}

function where(column: string, id: string): object {
  return { [column]: id };
}
