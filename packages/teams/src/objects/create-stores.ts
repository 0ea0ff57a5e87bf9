import { sql } from "kysely";

import type { Database } from "../database/open-database.ts";
import type { AuditRow, BudgetRow, OrganizationRow, TeamRow, UserRow } from "../database/tables.ts";
import { keyStore } from "./keys.ts";
import { budgets, models, organizations, teams, users, webhooks } from "./kinds.ts";
import { memberStore, organizationMemberStore } from "./members.ts";
import { listRows, rowStore } from "./row-store.ts";
import { holding, matching } from "./rows.ts";
import type { AuditFilter, Stores } from "./stores.ts";
import { writeTo } from "./write.ts";

/** @param written is told of each change after its commit, and awaited */
export function createStores(database: Database, written: () => Promise<void>): Stores {
  const write = writeTo(database, written);
  return {
    organizations: rowStore(database, write, organizations, ({ organization_alias, organization_id, search }) => ({
      columns: { organization_alias, organization_id },
      others: holding<OrganizationRow>(["organization_alias", "organization_id"], search),
    })),
    teams: rowStore(database, write, teams, ({ organization_id, team_alias, user_id, or_organizations, search }) => {
      const found = holding<TeamRow>(["team_alias", "team_id"], search);
      const ofUser = sql<boolean>`(team_id in (select team_id from dheera_members where user_id = ${user_id})
        or ${matching<TeamRow>({ organization_id: or_organizations ?? [] })})`;
      return {
        columns: { organization_id, team_alias },
        others: user_id === undefined ? found : sql<boolean>`${ofUser} and ${found}`,
      };
    }),
    users: rowStore(database, write, users, ({ user_email, user_role, team_id, organization_id, search }) => {
      const found = holding<UserRow>(["user_alias", "user_email", "user_id"], search);
      const ofTeam = sql<boolean>`user_id in (select user_id from dheera_members where team_id = ${team_id})`;
      const ofOrganization = sql<boolean>`user_id in (
        select user_id from dheera_organization_members where organization_id = ${organization_id})`;
      const all = [
        found,
        ...(team_id === undefined ? [] : [ofTeam]),
        ...(organization_id === undefined ? [] : [ofOrganization]),
      ];
      return { columns: { user_email, user_role }, others: sql<boolean>`${sql.join(all, sql` and `)}` };
    }),
    members: memberStore(database, write),
    organizationMembers: organizationMemberStore(database, write),
    keys: keyStore(database, write),
    budgets: rowStore(database, write, budgets, ({ search }) => ({
      columns: {},
      others: holding<BudgetRow>(["budget_id"], search),
    })),
    models: rowStore(database, write, models, ({ model_name }) => ({ columns: { model_name } })),
    webhooks: rowStore(database, write, webhooks, () => ({ columns: {} })),
    audit: {
      list: (filter, page) =>
        database.report((db) => listRows<AuditRow>(db, "dheera_audit", conditionOf(filter), sql`at desc, id`, page)),
    },
  };
}

function conditionOf({ id, kind, object_id, actor, from, to, search }: AuditFilter) {
  const since = from === undefined ? sql`` : sql` and at >= ${from}`;
  const until = to === undefined ? sql`` : sql` and at < ${to}`;
  const found = holding<AuditRow>(["object_id", "actor"], search);
  return sql<boolean>`${matching<AuditRow>({ id, kind, object_id, actor })} and ${found}${since}${until}`;
}
