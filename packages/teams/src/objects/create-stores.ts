import { sql } from "kysely";

import type { Database } from "../database/open-database.ts";
import type { AuditRow, TeamRow, UserRow } from "../database/tables.ts";
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
    organizations: rowStore(database, write, organizations, ({ organization_alias }) => ({
      columns: { organization_alias },
    })),
    teams: rowStore(database, write, teams, ({ organization_id, team_alias, user_id, search }) => {
      const found = holding<TeamRow>(["team_alias", "team_id"], search);
      const ofUser = sql<boolean>`team_id in (select team_id from dheera_members where user_id = ${user_id})`;
      return {
        columns: { organization_id, team_alias },
        others: user_id === undefined ? found : sql<boolean>`${ofUser} and ${found}`,
      };
    }),
    users: rowStore(database, write, users, ({ user_email, user_role, team_id, search }) => {
      const found = holding<UserRow>(["user_alias", "user_email", "user_id"], search);
      const ofTeam = sql<boolean>`user_id in (select user_id from dheera_members where team_id = ${team_id})`;
      return {
        columns: { user_email, user_role },
        others: team_id === undefined ? found : sql<boolean>`${ofTeam} and ${found}`,
      };
    }),
    members: memberStore(database, write),
    organizationMembers: organizationMemberStore(database, write),
    keys: keyStore(database, write),
    budgets: rowStore(database, write, budgets, () => ({ columns: {} })),
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
