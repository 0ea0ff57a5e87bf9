import type { BudgetRow, KeyRow, OrganizationRow, TeamRow, UserRow } from "../database/tables.ts";
import type { Given } from "../objects/stores.ts";
import { budgetReader } from "./budgets.ts";
import { readColumns } from "./column-reader.ts";
import { type ExportedRow, type ImportedTable, type LitellmExport, importedTables } from "./exported.ts";
import { readKey, replacedKeys } from "./keys.ts";
import { LeftOutList } from "./left-out.ts";
import { membersOf } from "./members.ts";
import { columnsWithoutPlace, tablesWithoutPlace } from "./no-place.ts";
import type { ImportPlan, PlannedMember, PlannedSpent } from "./plan.ts";

/**
 * What of an export is made here, and what has no place. Rights never become wider: what cannot be told apart here allows nothing.
 * @param now milliseconds since the epoch: keys that have expired and budgets whose time is over are left behind
 * @throws DheeraError `invalid_request` naming a table and column that cannot be read
 */
export function planImport({ tables, others }: LitellmExport, now: number): ImportPlan {
  const leftOut = new LeftOutList();
  const spent: PlannedSpent[] = [];
  const budgets = tables.LiteLLM_BudgetTable.map(readBudget);
  const limitsOf = budgetReader(tables.LiteLLM_BudgetTable, budgets, spent, leftOut, now);

  const organizations = tables.LiteLLM_OrganizationTable.map((exported): Given<OrganizationRow> => {
    const row = readColumns("LiteLLM_OrganizationTable", exported);
    const organization_id = row.text("organization_id") ?? "";
    return {
      organization_id,
      organization_alias: row.text("organization_alias"),
      ...describedIn(row),
      ...limitsOf("organization", organization_id, "LiteLLM_OrganizationTable", row),
    };
  });
  const users = tables.LiteLLM_UserTable.map((exported): Given<UserRow> => {
    const row = readColumns("LiteLLM_UserTable", exported);
    const user_id = row.text("user_id") ?? "";
    return {
      user_id,
      user_alias: row.text("user_alias"),
      user_email: row.text("user_email"),
      user_role: roleOf(row.text("user_role"), leftOut),
      ...describedIn(row),
      ...limitsOf("user", user_id, "LiteLLM_UserTable", row),
    };
  });
  const teams = tables.LiteLLM_TeamTable.map((exported): Given<TeamRow> => {
    const row = readColumns("LiteLLM_TeamTable", exported);
    const team_id = row.text("team_id") ?? "";
    return {
      team_id,
      team_alias: row.text("team_alias"),
      organization_id: row.text("organization_id"),
      blocked: row.truth("blocked") ? 1 : 0,
      ...describedIn(row),
      ...limitsOf("team", team_id, "LiteLLM_TeamTable", row),
    };
  });
  const members = membersOf(tables, limitsOf);
  const replaced = replacedKeys(tables.LiteLLM_DeprecatedVerificationToken, now);
  const keys = tables.LiteLLM_VerificationToken.flatMap((exported) => {
    const key = readKey(exported, replaced, leftOut, now);
    if (key === undefined) return [];
    const row = readColumns("LiteLLM_VerificationToken", exported);
    return [{ ...key, ...describedIn(row), ...limitsOf("key", key.key_hash, "LiteLLM_VerificationToken", row) }];
  });

  noteColumns(tables, leftOut);
  for (const [table, rows] of others) {
    const reason = tablesWithoutPlace[table];
    if (reason !== undefined) leftOut.add(table, undefined, reason, rows);
  }
  return {
    budgets,
    organizations,
    users: [...users, ...usersNamedOnly(users, members, keys)],
    teams,
    members,
    keys,
    spent,
    leftOut: leftOut.entries(),
  };
}

function readBudget(exported: ExportedRow): Given<BudgetRow> & { readonly budget_id: string } {
  const row = readColumns("LiteLLM_BudgetTable", exported);
  return {
    budget_id: row.text("budget_id") ?? "",
    max_budget: row.number("max_budget"),
    soft_budget: row.number("soft_budget"),
    budget_duration: row.text("budget_duration"),
    max_parallel_requests: row.number("max_parallel_requests"),
    rpm_limit: row.number("rpm_limit"),
    tpm_limit: row.number("tpm_limit"),
  };
}

/** LiteLLM keeps tags, and the credentials of a key's own log services, in `metadata`. */
function describedIn(row: ReturnType<typeof readColumns>): { readonly metadata: string; readonly tags: string } {
  const metadata = row.json("metadata");
  if (typeof metadata !== "object" || metadata === null) return { metadata: "{}", tags: "[]" };
  const { tags, logging: _, callback_settings: __, ...others }: Readonly<Record<string, unknown>> = { ...metadata };
  const texts = Array.isArray(tags) ? tags.filter((tag) => typeof tag === "string") : [];
  return { metadata: JSON.stringify(others), tags: JSON.stringify(texts) };
}

const roles: ReadonlySet<string> = new Set([
  "proxy_admin",
  "proxy_admin_viewer",
  "internal_user",
  "internal_user_viewer",
]);

function roleOf(role: string | null, leftOut: LeftOutList): string {
  if (role === null || roles.has(role)) return role ?? "internal_user";
  leftOut.add("LiteLLM_UserTable", "user_role", `there is no role ${role} here: such users become internal_user`);
  return "internal_user";
}

/** Keys and teams of LiteLLM may name users that it has no row of. */
function usersNamedOnly(
  users: readonly Given<UserRow>[],
  members: readonly PlannedMember[],
  keys: readonly Given<KeyRow>[],
): readonly Given<UserRow>[] {
  const known = new Set(users.map(({ user_id }) => user_id));
  const named = new Set([...members, ...keys].map(({ user_id }) => user_id));
  return [...named]
    .filter((id) => typeof id === "string" && !known.has(id))
    .map((user_id) => ({ user_id: user_id ?? "" }));
}

function noteColumns(tables: LitellmExport["tables"], leftOut: LeftOutList): void {
  for (const table of importedTables) for (const row of tables[table]) noteColumnsOf(table, row, leftOut);
}

function noteColumnsOf(table: ImportedTable, exported: ExportedRow, leftOut: LeftOutList): void {
  const row = readColumns(table, exported);
  for (const [column, reason] of Object.entries(columnsWithoutPlace[table] ?? {}))
    if (row.has(column)) leftOut.add(table, column, reason);
  if (table === "LiteLLM_UserTable" && row.list("models").includes("no-default-models"))
    leftOut.add(
      table,
      "models",
      "no-default-models holds for a user's keys of teams here, too: set models of such users",
    );
  const metadata = row.has("metadata") ? row.json("metadata") : undefined;
  if (typeof metadata !== "object" || metadata === null) return;
  if ("logging" in metadata || "callback_settings" in metadata)
    leftOut.add(table, "metadata.logging", "where logs go is set for all callers; its credentials are not copied");
  for (const name of ["model_rpm_limit", "model_tpm_limit"])
    if (name in metadata)
      leftOut.add(table, `metadata.${name}`, "limits hold for all models of a caller together here");
}
