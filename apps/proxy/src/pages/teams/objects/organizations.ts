import * as v from "valibot";

import type { ManagementClient } from "../calls/management-client.ts";
import { amount, sum, text } from "../calls/values.ts";
import type { ListQuery, Listed } from "./listed.ts";
import { type Limited, asLimited, limitFields } from "./limits.ts";

/** Teams that have a budget and limits in common. */
export interface Organization extends Limited {
  readonly id: string;
  /** Its alias, else its id. */
  readonly name: string;
  readonly alias: string | undefined;
}

export interface OrganizationMember {
  readonly userId: string;
  readonly email: string | undefined;
  /** `org_admin`, `internal_user` or `internal_user_viewer`. */
  readonly role: string;
  /** US dollars that this member may spend of the organization's. */
  readonly budget: number | undefined;
  /** US dollars. */
  readonly spend: number;
}

const organizationObject = v.object({ ...limitFields, organization_id: v.string(), organization_alias: text });

const memberObject = v.object({
  user_id: v.string(),
  user_email: text,
  user_role: v.string(),
  max_budget: amount,
  spend: sum,
});

const organizationInfo = v.object({ ...organizationObject.entries, members: v.array(memberObject) });

export async function listOrganizations(
  client: ManagementClient,
  { page, size, search }: ListQuery,
): Promise<Listed<Organization>> {
  const query = { page, page_size: size, search };
  const { rows, total } = await client.readPage("organization/list", organizationObject, query);
  return { rows: rows.map((row) => asOrganization(row)), total };
}

export async function organizationOf(
  client: ManagementClient,
  id: string,
): Promise<{ readonly organization: Organization; readonly members: readonly OrganizationMember[] }> {
  const found = await client.read("organization/info", organizationInfo, { organization_id: id });
  const members = found.members.map(({ user_id, user_email, user_role, max_budget, spend }) => ({
    userId: user_id,
    email: user_email,
    role: user_role,
    budget: max_budget,
    spend,
  }));
  return { organization: asOrganization(found), members };
}

export interface OrganizationMemberValues {
  readonly userId: string;
  readonly role: string;
  /** US dollars; null: no budget of their own. */
  readonly budget: number | null;
}

export async function addOrganizationMember(
  client: ManagementClient,
  { id }: Organization,
  { userId, role, budget }: OrganizationMemberValues,
): Promise<void> {
  const member = { user_id: userId, role };
  const limits = budget === null ? {} : { max_budget_in_organization: budget };
  await client.change("organization/member_add", { organization_id: id, member, ...limits }, v.unknown());
}

export async function updateOrganizationMember(
  client: ManagementClient,
  { id }: Organization,
  { userId, role, budget }: OrganizationMemberValues,
): Promise<void> {
  const values = { organization_id: id, user_id: userId, role, max_budget_in_organization: budget };
  await client.change("organization/member_update", values, v.unknown(), "PATCH");
}

/** Their teams and keys stay. */
export async function removeOrganizationMember(
  client: ManagementClient,
  { id }: Organization,
  userId: string,
): Promise<void> {
  const body = { organization_id: id, user_id: userId };
  await client.change("organization/member_delete", body, v.unknown(), "DELETE");
}

/** @param values fields of LiteLLM's `/organization/new` @returns its id */
export async function makeOrganization(client: ManagementClient, values: object): Promise<string> {
  return (await client.change("organization/new", values, v.object({ organization_id: v.string() }))).organization_id;
}

export async function updateOrganization(
  client: ManagementClient,
  { id }: Organization,
  values: object,
): Promise<void> {
  await client.change("organization/update", { organization_id: id, ...values }, v.unknown(), "PATCH");
}

/** With its teams and their keys. */
export async function deleteOrganization(client: ManagementClient, { id }: Organization): Promise<void> {
  await client.change("organization/delete", { organization_ids: [id] }, v.unknown(), "DELETE");
}

function asOrganization(given: v.InferOutput<typeof organizationObject>): Organization {
  return {
    ...asLimited(given),
    id: given.organization_id,
    name: given.organization_alias ?? given.organization_id,
    alias: given.organization_alias,
  };
}
