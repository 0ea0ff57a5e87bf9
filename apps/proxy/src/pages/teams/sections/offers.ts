import { listBudgets } from "../objects/budgets.ts";
import { modelNames } from "../objects/models.ts";
import { listOrganizations } from "../objects/organizations.ts";
import { offeredField } from "../parts/offered-field.ts";
import type { LimitOffers } from "../parts/limit-fields.ts";
import type { Scene } from "./scene.ts";

/** What forms of limits offer to the person. */
export async function limitOffers({ client, abilities }: Pick<Scene, "client" | "abilities">): Promise<LimitOffers> {
  const [models, budgets] = await Promise.all([
    modelNames(client),
    abilities.managesAll ? listBudgets(client, offered) : { rows: [], total: 0 },
  ]);
  return { models, budgets: budgets.rows.map(({ id }) => id), hasMoreBudgets: budgets.total > budgets.rows.length };
}

/** A field for the organization of a team, where there is one to choose. */
export async function organizationField(
  { client, abilities }: Pick<Scene, "client" | "abilities">,
  chosen?: string,
): Promise<readonly Node[]> {
  if (!abilities.managesAll) return [];
  const { rows, total } = await listOrganizations(client, offered);
  if (rows.length === 0) return [];
  const known = rows
    .map(({ id, name }) => [id, name] as const)
    .toSorted(([, one], [, other]) => one.localeCompare(other));
  return [offeredField("organization_id", "Organization", known, total > rows.length, chosen)];
}

/** Of what can be chosen in a form; where there is more, ids can be typed. */
const offered = { page: 1, size: 100, search: "" } as const;
