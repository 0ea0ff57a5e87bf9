import * as v from "valibot";

import type { ManagementClient } from "../calls/management-client.ts";
import { text } from "../calls/values.ts";
import { type Limited, asLimited, limitFields } from "./limits.ts";

/** Teams that have a budget and limits in common. */
export interface Organization extends Limited {
  readonly id: string;
  /** Its alias, else its id. */
  readonly name: string;
  readonly alias: string | undefined;
}

const organizationObject = v.object({ ...limitFields, organization_id: v.string(), organization_alias: text });

/** All of them, by their names. */
export async function listOrganizations(client: ManagementClient): Promise<readonly Organization[]> {
  const found = (await client.read("organization/list", v.array(organizationObject))).map(asOrganization);
  return found.toSorted((one, other) => one.name.localeCompare(other.name));
}

export async function organizationOf(client: ManagementClient, id: string): Promise<Organization> {
  return asOrganization(await client.read("organization/info", organizationObject, { organization_id: id }));
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
