import type { Database } from "../database/open-database.ts";
import type { LimitColumns, MemberRow, OrganizationMemberRow } from "../database/tables.ts";
import { checkValues } from "./check-values.ts";
import { noLimits } from "./kinds.ts";
import { memberId, organizationMemberId } from "./member-id.ts";
import { removeMembers, removeOrganizationMembers } from "./remove.ts";
import { checkRelations, definedOf, differs } from "./row-store.ts";
import { insertRow, selectRows, updateRows, type Where } from "./rows.ts";
import type { Given, MemberStore, OrganizationMemberStore } from "./stores.ts";
import type { Write, Writing } from "./write.ts";

export function memberStore(database: Database, write: Write): MemberStore {
  return {
    set: (actor, team_id, user_id, values) =>
      write(actor, (writing) => setMember(writing, ofTeams, { team_id, user_id }, values)),
    remove: (actor, team_id, userIds) =>
      write(actor, async (writing) => {
        const removed = await removeMembers(writing, { team_id, user_id: userIds });
        return removed.map(({ user_id }) => user_id);
      }),
    async get(team_id, user_id) {
      const [row] = await selectRows<MemberRow>(database.db, ofTeams.table, { team_id, user_id });
      return row;
    },
    ofTeam: (team_id) => selectRows<MemberRow>(database.db, ofTeams.table, { team_id }),
    ofUser: (user_id) => selectRows<MemberRow>(database.db, ofTeams.table, { user_id }),
  };
}

export function organizationMemberStore(database: Database, write: Write): OrganizationMemberStore {
  return {
    set: (actor, organization_id, user_id, values) =>
      write(actor, (writing) => setMember(writing, ofOrganizations, { organization_id, user_id }, values)),
    remove: (actor, organization_id, userIds) =>
      write(actor, async (writing) => {
        const removed = await removeOrganizationMembers(writing, { organization_id, user_id: userIds });
        return removed.map(({ user_id }) => user_id);
      }),
    async get(organization_id, user_id) {
      const who = { organization_id, user_id };
      const [row] = await selectRows<OrganizationMemberRow>(database.db, ofOrganizations.table, who);
      return row;
    },
    ofUser: (user_id) => selectRows<OrganizationMemberRow>(database.db, ofOrganizations.table, { user_id }),
  };
}

/** What somebody is a member of. */
interface Membership<Row, Who> {
  readonly kind: "member" | "organization_member";
  readonly table: "dheera_members" | "dheera_organization_members";
  idOf(who: Who): string;
  empty(who: Who, now: number): Row;
}

const ofTeams: Membership<MemberRow, Pick<MemberRow, "team_id" | "user_id">> = {
  kind: "member",
  table: "dheera_members",
  idOf: memberId,
  empty: (who, now) => ({ ...who, role: "user", created_at: now, ...noLimits(now) }),
};

const ofOrganizations: Membership<OrganizationMemberRow, Pick<OrganizationMemberRow, "organization_id" | "user_id">> = {
  kind: "organization_member",
  table: "dheera_organization_members",
  idOf: organizationMemberId,
  empty: (who, now) => ({ ...who, role: "internal_user", created_at: now, ...noLimits(now) }),
};

async function setMember<Row extends LimitColumns & Who & { role: string }, Who extends object>(
  writing: Writing,
  { kind, table, idOf, empty }: Membership<Row, Who>,
  who: Who & Where<Row>,
  values: Given<Row>,
): Promise<Row> {
  const given = definedOf({ ...values, ...who });
  checkValues(given);
  const [before] = await selectRows<Row>(writing.transaction, table, who);
  if (before !== undefined && !differs(before, given)) return before;
  await checkRelations<Row>(writing, { kind, table, id: "role", unique: [] }, given);
  const after: Row = { ...(before ?? empty(who, writing.now)), ...given };
  if (before === undefined) await insertRow(writing.transaction, table, after);
  else await updateRows<Row>(writing.transaction, table, given, who);
  writing.record({
    action: before === undefined ? "created" : "updated",
    kind,
    id: idOf(who),
    ...(before && { before }),
    after,
  });
  return after;
}
