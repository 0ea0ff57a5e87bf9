import type { Kysely } from "kysely";

import type { Database } from "../database/open-database.ts";
import type {
  BudgetRow,
  KeyRow,
  MemberRow,
  OrganizationMemberRow,
  OrganizationRow,
  Tables,
  TeamRow,
  UserRow,
} from "../database/tables.ts";
import { memberId, organizationMemberId } from "../objects/member-id.ts";
import { selectRows, type Where } from "../objects/rows.ts";
import type { Grant, Owner } from "../owners.ts";
import { listOf, ownerOf } from "./owner-of.ts";

/** Something that was read, and what it was read from: when one of these changes, it is to be read again. */
export interface Loaded<Value> {
  readonly value: Value;
  /** `team|research`. */
  readonly from: readonly string[];
}

const idPrefix = "id:";

/** How a key is asked for by its id, which stays when it is rotated; no hash looks like it. */
export function askedById(keyId: string): string {
  return idPrefix + keyId;
}

/** What keys let their holders do, by the hash, or the id, that was asked for. Absent: there is no such key. */
export async function loadGrants(
  { db }: Database,
  asked: readonly string[],
  now: number,
): Promise<ReadonlyMap<string, Loaded<Grant>>> {
  const hashes = asked.filter((question) => !question.startsWith(idPrefix));
  const ids = asked
    .filter((question) => question.startsWith(idPrefix))
    .map((question) => question.slice(idPrefix.length));
  const named = ids.length === 0 ? [] : await selectRows<KeyRow>(db, "dheera_keys", { key_id: ids });
  const current = await selectRows<KeyRow>(db, "dheera_keys", { key_hash: hashes });
  const rotated = await selectRows<KeyRow>(db, "dheera_keys", { previous_hash: hashes });
  const inGrace = rotated.filter(({ previous_until }) => previous_until !== null && previous_until > now);
  const chains = await loadChains(db, [...current, ...inGrace, ...named]);
  return new Map([
    ...inGrace.map((row) => [row.previous_hash ?? "", toGrant(row, chains, row.previous_until)] as const),
    ...current.map((row) => [row.key_hash, toGrant(row, chains, null)] as const),
    ...named.map((row) => [askedById(row.key_id), toGrant(row, chains, null)] as const),
  ]);
}

/** Those of a key of the configuration file, as far as they are in the database. */
export async function loadOwners(
  { db }: Database,
  { teamId, userId }: { readonly teamId?: string; readonly userId?: string },
): Promise<Loaded<readonly Owner[]>> {
  const named = { team_id: teamId ?? null, user_id: userId ?? null, organization_id: null, budget_id: null };
  return ownersBehind(named, await loadChains(db, [named]));
}

type Named = Pick<KeyRow, "team_id" | "user_id" | "organization_id" | "budget_id">;

interface Chains {
  readonly teams: ReadonlyMap<string, TeamRow>;
  readonly users: ReadonlyMap<string, UserRow>;
  readonly members: ReadonlyMap<string, MemberRow>;
  readonly organizations: ReadonlyMap<string, OrganizationRow>;
  readonly organizationMembers: ReadonlyMap<string, OrganizationMemberRow>;
  readonly budgets: ReadonlyMap<string, BudgetRow>;
}

async function loadChains(db: Kysely<Tables>, named: readonly Named[]): Promise<Chains> {
  const teamIds = idsOf(named, "team_id");
  const userIds = idsOf(named, "user_id");
  const [teams, users, members] = await Promise.all([
    select<TeamRow>(db, "dheera_teams", "team_id", teamIds),
    select<UserRow>(db, "dheera_users", "user_id", userIds),
    teamIds.length === 0 || userIds.length === 0
      ? []
      : selectRows<MemberRow>(db, "dheera_members", { team_id: teamIds, user_id: userIds }),
  ]);
  const organizationIds = idsOf([...named, ...teams], "organization_id");
  const [organizations, organizationMembers] = await Promise.all([
    select<OrganizationRow>(db, "dheera_organizations", "organization_id", organizationIds),
    organizationIds.length === 0 || userIds.length === 0
      ? []
      : selectRows<OrganizationMemberRow>(db, "dheera_organization_members", {
          organization_id: organizationIds,
          user_id: userIds,
        }),
  ]);
  const limited = [...named, ...members, ...users, ...teams, ...organizationMembers, ...organizations];
  const budgetIds = idsOf(limited, "budget_id");
  const budgets = await select<BudgetRow>(db, "dheera_budgets", "budget_id", budgetIds);
  return {
    teams: new Map(teams.map((row) => [row.team_id, row])),
    users: new Map(users.map((row) => [row.user_id, row])),
    members: new Map(members.map((row) => [memberId(row), row])),
    organizations: new Map(organizations.map((row) => [row.organization_id, row])),
    organizationMembers: new Map(organizationMembers.map((row) => [organizationMemberId(row), row])),
    budgets: new Map(budgets.map((row) => [row.budget_id, row])),
  };
}

function idsOf<Column extends string>(
  rows: readonly { readonly [C in Column]: string | null }[],
  column: Column,
): readonly string[] {
  return [...new Set(rows.map((row) => row[column]).filter((id) => id !== null))];
}

async function select<Row>(
  db: Kysely<Tables>,
  table: keyof Tables,
  column: keyof Row & string,
  ids: readonly string[],
): Promise<readonly Row[]> {
  return ids.length === 0 ? [] : selectRows<Row>(db, table, { [column]: ids } as Where<Row>);
}

function toGrant(row: KeyRow, chains: Chains, until: number | null): Loaded<Grant> {
  const behind = ownersBehind(row, chains);
  const name = row.key_alias ?? row.key_name;
  const key = ownerOf("key", row.key_id, name, row, chains.budgets);
  const owners = [key, ...behind.value];
  const models = modelsOfAll(owners);
  const blocked = owners.find(({ isBlocked }) => isBlocked);
  const expires = Math.min(row.expires ?? Infinity, until ?? Infinity);
  return {
    value: {
      keyHash: row.key_id,
      name,
      owners,
      tags: listOf(row.tags) ?? [],
      ...(models && { models }),
      ...(row.priority !== null && { priority: row.priority }),
      ...(row.background === 1 && { priority: "background" as const }),
      ...(expires !== Infinity && { expires }),
      ...(blocked && {
        blocked: blocked.kind === "key" ? "this key" : `the ${blocked.kind.replace("_", " ")} ${blocked.name}`,
      }),
      ...(row.read_metrics === 1 && { readMetrics: true }),
    },
    from: [`key|${row.key_id}`, ...behind.from],
  };
}

/** From the nearest to the farthest. What is named and not there counts too: it may come. */
function ownersBehind(named: Named, chains: Chains): Loaded<Owner[]> {
  const { teams, users, members, organizations, organizationMembers, budgets } = chains;
  const { team_id, user_id } = named;
  const memberOf = team_id !== null && user_id !== null ? memberId({ team_id, user_id }) : null;
  const member = members.get(memberOf ?? "");
  const user = users.get(user_id ?? "");
  const team = teams.get(team_id ?? "");
  const organizationId = team?.organization_id ?? named.organization_id;
  const organization = organizations.get(organizationId ?? "");
  const inOrganization =
    organizationId !== null && user_id !== null
      ? organizationMemberId({ organization_id: organizationId, user_id })
      : null;
  const organizationMember = organizationMembers.get(inOrganization ?? "");
  const value: Owner[] = [];
  const add = (kind: Owner["kind"], id: string, alias: string | null, row: Parameters<typeof ownerOf>[3]): void =>
    void value.push(ownerOf(kind, id, alias ?? id, row, budgets));
  if (member) add("member", memberId(member), null, member);
  if (user) add("user", user.user_id, user.user_alias, user);
  if (team) add("team", team.team_id, team.team_alias, team);
  if (inOrganization !== null && organizationMember)
    add("organization_member", inOrganization, null, organizationMember);
  if (organization) add("organization", organization.organization_id, organization.organization_alias, organization);
  const from = [
    memberOf && `member|${memberOf}`,
    user_id && `user|${user_id}`,
    team_id && `team|${team_id}`,
    organizationId && `organization|${organizationId}`,
    inOrganization && `organization_member|${inOrganization}`,
    ...[named, member, user, team, organizationMember, organization].map(
      (row) => row?.budget_id && `budget|${row.budget_id}`,
    ),
  ];
  return { value, from: from.filter((name) => typeof name === "string") };
}

function modelsOfAll(owners: readonly Owner[]): readonly string[] | undefined {
  const lists = owners.flatMap(({ models }) => (models ? [models] : []));
  return lists.length === 0 ? undefined : lists.reduce((all, list) => all.filter((model) => list.includes(model)));
}
