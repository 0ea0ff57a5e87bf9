import { DheeraError } from "@dheera-ai/core";
import { type MemberRow, type TeamRow, type Teams, memberId } from "@dheera-ai/teams";

import { asksForPage, latestRows, listedRows } from "../../management/rows/bounded-rows.ts";
import { membershipAnswer, roleAnswer, teamAnswer } from "../../management/answers/team-answer.ts";
import { atOnce } from "../../management/at-once.ts";
import { mayDo } from "../../management/authorize.ts";
import { newTeamBody, teamBody, teamChangeBody, teamColumns, teamsBody } from "../../management/bodies/team-bodies.ts";
import type { Call } from "../../management/call.ts";
import { ifSome } from "../../management/if-some.ts";
import { keysWithSpend } from "../../management/rows/key-rows.ts";
import { membersOfTeams } from "../../management/rows/memberships.ts";
import { newBudgetTime } from "../../management/rows/new-budget-time.ts";
import { NotFound } from "../../management/not-found.ts";
import { withSpends } from "../../management/spend/spend-of.ts";
import { addMembers } from "../../management/rows/team-members.ts";

/** `POST /team/new`; the same once more gives the same team. */
export async function newTeam(call: Call): Promise<object> {
  const { team_id: id, members_with_roles: members, ...fields } = await call.body(newTeamBody);
  call.authorize("create", { kind: "team", teamId: id ?? "" });
  return atOnce(call, async (within) => {
    const row = await within.teams.stores.teams.create(call.actor, {
      ...teamColumns(fields),
      ...(typeof id === "string" && { team_id: id }),
    });
    await addMembers(within, row.team_id, members ?? [], {});
    return fullTeam(within, row);
  });
}

/** `POST /team/update`. */
export async function updateTeam(call: Call): Promise<object> {
  const { team_id: id, ...fields } = await call.body(teamChangeBody);
  call.authorize("change", { kind: "team", teamId: id });
  const columns = teamColumns(fields);
  if (Object.keys(columns).some((name) => !names.has(name))) call.authorize("limit", { kind: "team", teamId: id });
  const row = await findTeam(call, id);
  const updated = await call.teams.stores.teams.update(call.actor, id, { ...columns, ...newBudgetTime(row, columns) });
  return { team_id: id, data: await fullTeam(call, updated) };
}

/** Columns that say what people call a team; the others limit it. */
const names: ReadonlySet<string> = new Set(["team_alias", "metadata", "tags"]);

/** `POST /team/delete`: all of the teams with their keys, or none where one is not there. */
export async function deleteTeams(call: Call): Promise<object> {
  const { team_ids: ids } = await call.body(teamsBody);
  for (const [index, id] of ids.entries()) {
    call.authorize("delete", { kind: "team", teamId: id });
    await findTeam(call, id, `team_ids[${index}]`);
  }
  return { deleted_teams: await call.teams.stores.teams.remove(call.actor, ids) };
}

/** `GET /team/info`: a team with its keys, as far as the caller may see them, and its members. */
export async function teamInfo(call: Call): Promise<object> {
  const id = call.query.needed("team_id");
  call.authorize("read", { kind: "team", teamId: id });
  const row = await findTeam(call, id);
  const { teams, person } = call;
  const isAdmin = mayDo(person, "read", { kind: "key", teamId: id });
  const own = person.userId === undefined ? undefined : { team_id: id, user_id: person.userId };
  const filter = isAdmin ? { team_id: id } : own;
  const [keys, members] = await Promise.all([
    filter ? latestRows(call, "keys", "/key/list and team_id", teams.stores.keys, filter) : [],
    isAdmin ? membersOfTeams(call, [id]).then((found) => found.get(id) ?? []) : ownMembership(call, id),
  ]);
  return {
    team_id: id,
    team_info: await fullTeam(call, row),
    keys: await keysWithSpend(teams, keys),
    team_memberships: await withSpends(
      teams,
      "member",
      members.map((member) => ({ id: memberId(member), row: member, answer: membershipAnswer(member) })),
    ),
  };
}

/** `GET /team/list`: of the teams that the caller may see the latest thousand; with `page` or `page_size` as `/v2/team/list`. */
export async function listTeams(call: Call): Promise<object> {
  if (asksForPage(call)) return pageOfTeams(call);
  const rows = await listedRows(call, "teams", call.teams.stores.teams, visibleTeams(call));
  return fullTeams(call, rows);
}

/** `GET /v2/team/list`. */
export async function pageOfTeams(call: Call): Promise<object> {
  const { page, size } = call.query.page("page_size");
  const { rows, total } = await call.teams.stores.teams.list(visibleTeams(call), { page, size });
  return {
    teams: await fullTeams(call, rows),
    total,
    page,
    page_size: size,
    total_pages: Math.ceil(total / size),
  };
}

/** `POST /team/block`. */
export function blockTeam(call: Call): Promise<object> {
  return setBlocked(call, 1);
}

/** `POST /team/unblock`. */
export function unblockTeam(call: Call): Promise<object> {
  return setBlocked(call, 0);
}

async function setBlocked(call: Call, blocked: number): Promise<object> {
  const { team_id: id } = await call.body(teamBody);
  call.authorize("limit", { kind: "team", teamId: id });
  await findTeam(call, id);
  return fullTeam(call, await call.teams.stores.teams.update(call.actor, id, { blocked }));
}

function visibleTeams({ person, query }: Call): Parameters<Teams["stores"]["teams"]["list"]>[0] {
  const asked = {
    ...ifSome("organization_id", query.text("organization_id")),
    ...ifSome("team_alias", query.text("team_alias")),
    ...ifSome("search", query.text("search", 200)),
  };
  const userId = query.text("user_id");
  if (mayDo(person, "read", { kind: "team", teamId: "" })) return { ...asked, ...ifSome("user_id", userId) };
  if (person.userId === undefined || (userId !== undefined && userId !== person.userId))
    throw new DheeraError("forbidden", `${person.name} may list their own teams only; leave user_id out`, {
      param: "user_id",
    });
  return { ...asked, user_id: person.userId, or_organizations: person.organizations ?? [] };
}

/** @throws NotFound */
async function findTeam({ teams }: Call, id: string, field = "team_id"): Promise<TeamRow> {
  const row = await teams.stores.teams.get(id);
  if (!row) throw new NotFound(field, "this team");
  return row;
}

async function fullTeam(call: Call, row: TeamRow): Promise<object> {
  const [one] = await fullTeams(call, [row]);
  return { ...one };
}

async function fullTeams(call: Call, rows: readonly TeamRow[]): Promise<readonly object[]> {
  const ids = rows.map(({ team_id }) => team_id);
  const members = await membersOfTeams(call, ids);
  return withSpends(
    call.teams,
    "team",
    rows.map((row) => {
      const answer = { ...teamAnswer(row), members_with_roles: (members.get(row.team_id) ?? []).map(roleAnswer) };
      return { id: row.team_id, row, answer };
    }),
  );
}

/** What others may spend is for those who manage the team. */
async function ownMembership({ person, teams }: Call, teamId: string): Promise<readonly MemberRow[]> {
  const own = person.userId === undefined ? undefined : await teams.stores.members.get(teamId, person.userId);
  return own ? [own] : [];
}
