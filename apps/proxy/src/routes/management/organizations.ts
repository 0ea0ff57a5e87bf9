import type { OrganizationRow } from "@dheera-ai/teams";

import { latestRows, listedRows } from "../../management/rows/bounded-rows.ts";
import { organizationAnswer } from "../../management/answers/organization-answer.ts";
import { teamAnswer } from "../../management/answers/team-answer.ts";
import {
  newOrganizationBody,
  organizationChangeBody,
  organizationColumns,
  organizationsBody,
} from "../../management/bodies/organization-bodies.ts";
import { mayDo } from "../../management/authorize.ts";
import type { Call } from "../../management/call.ts";
import { ifSome } from "../../management/if-some.ts";
import { newBudgetTime } from "../../management/rows/new-budget-time.ts";
import { NotFound } from "../../management/not-found.ts";
import { answersOfMembers } from "./organization-members.ts";
import { withSpend, withSpends } from "../../management/spend/spend-of.ts";

/** `POST /organization/new`; the same once more gives the same organization. */
export async function newOrganization(call: Call): Promise<object> {
  const { organization_id: id, ...fields } = await call.body(newOrganizationBody);
  call.authorize("create", { kind: "organization" });
  const row = await call.teams.stores.organizations.create(call.actor, {
    ...organizationColumns(fields),
    ...(typeof id === "string" && { organization_id: id }),
  });
  return full(call, row);
}

/** `PATCH /organization/update`. */
export async function updateOrganization(call: Call): Promise<object> {
  const { organization_id: id, ...fields } = await call.body(organizationChangeBody);
  call.authorize("limit", { kind: "organization" });
  const row = await find(call, id);
  const columns = organizationColumns(fields);
  const changes = { ...columns, ...newBudgetTime(row, columns) };
  return full(call, await call.teams.stores.organizations.update(call.actor, id, changes));
}

/** `DELETE /organization/delete`: all of them with their teams and keys, or none where one is not there. */
export async function deleteOrganizations(call: Call): Promise<object> {
  const { organization_ids: ids } = await call.body(organizationsBody);
  call.authorize("delete", { kind: "organization" });
  for (const [index, id] of ids.entries()) await find(call, id, `organization_ids[${index}]`);
  return { deleted_organizations: await call.teams.stores.organizations.remove(call.actor, ids) };
}

/** `GET /organization/info`: with its members and teams. */
export async function organizationInfo(call: Call): Promise<object> {
  const id = call.query.needed("organization_id");
  call.authorize("read", { kind: "organization", organizationId: id });
  const row = await find(call, id);
  const remedy = "/v2/team/list and organization_id";
  const teams = await latestRows(call, "teams", remedy, call.teams.stores.teams, { organization_id: id });
  return {
    ...(await full(call, row)),
    members: await answersOfMembers(call, id),
    teams: teams.map(teamAnswer),
  };
}

/** `GET /organization/list`: of all, or of those that the caller manages, the latest thousand; with `page` or `page_size`, a page. */
export async function listOrganizations(call: Call): Promise<object> {
  const { query, teams, person } = call;
  const seesAll = mayDo(person, "read", { kind: "organization" });
  if (!seesAll && person.organizations === undefined) call.authorize("read", { kind: "organization" });
  const alias = query.text("org_alias") ?? query.text("organization_alias");
  const rows = await listedRows(call, "organizations", teams.stores.organizations, {
    ...ifSome("organization_alias", alias),
    ...ifSome("search", query.text("search", 200)),
    ...(!seesAll && { organization_id: person.organizations ?? [] }),
  });
  return withSpends(
    teams,
    "organization",
    rows.map((row) => ({ id: row.organization_id, row, answer: organizationAnswer(row) })),
  );
}

/** @throws NotFound */
async function find({ teams }: Call, id: string, field = "organization_id"): Promise<OrganizationRow> {
  const row = await teams.stores.organizations.get(id);
  if (!row) throw new NotFound(field, "this organization");
  return row;
}

function full({ teams }: Call, row: OrganizationRow): Promise<object> {
  return withSpend(teams, "organization", row.organization_id, row, organizationAnswer(row));
}
