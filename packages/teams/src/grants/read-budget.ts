import { type RawBuilder, sql } from "kysely";

import { partsOfMember } from "../objects/member-id.ts";
import type { Budget, OwnerKind } from "../owners.ts";
import type { Run } from "../spending/lane.ts";
import { budgetOf } from "./owner-of.ts";

type BudgetColumns = Parameters<typeof budgetOf>[0];

/** The budget of an owner as a transaction finds it, its own or the one that it shares. @returns undefined where there is no such owner */
export async function readBudget(
  run: Run,
  kind: OwnerKind,
  id: string,
): Promise<{ readonly budget?: Budget } | undefined> {
  const { table, where } = rowOf(kind, id);
  const shared = (name: string): RawBuilder<unknown> =>
    sql`coalesce(${sql.ref(`o.${name}`)}, ${sql.ref(`b.${name}`)}) as ${sql.ref(name)}`;
  const [row] = await run(sql<BudgetColumns>`
    select o.budget_since, ${sql.join(["max_budget", "soft_budget", "budget_duration", "budget_time_zone"].map(shared))}
    from ${sql.table(table)} o left join dheera_budgets b on b.budget_id = o.budget_id where ${where}`);
  if (row === undefined) return undefined;
  const budget = budgetOf(row, undefined);
  return budget === undefined ? {} : { budget };
}

function rowOf(kind: OwnerKind, id: string): { readonly table: string; readonly where: RawBuilder<unknown> } {
  switch (kind) {
    case "key":
      return { table: "dheera_keys", where: sql`o.key_id = ${id}` };
    case "member": {
      const { of, userId } = partsOfMember(id);
      return { table: "dheera_members", where: sql`o.team_id = ${of} and o.user_id = ${userId}` };
    }
    case "user":
      return { table: "dheera_users", where: sql`o.user_id = ${id}` };
    case "team":
      return { table: "dheera_teams", where: sql`o.team_id = ${id}` };
    case "organization_member": {
      const { of, userId } = partsOfMember(id);
      return { table: "dheera_organization_members", where: sql`o.organization_id = ${of} and o.user_id = ${userId}` };
    }
    case "organization":
      return { table: "dheera_organizations", where: sql`o.organization_id = ${id}` };
  }
}
