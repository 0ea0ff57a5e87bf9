import { listBudgets } from "../objects/budgets.ts";
import { modelNames } from "../objects/models.ts";
import { listOrganizations } from "../objects/organizations.ts";
import { choiceField } from "../../parts/fields.ts";
import type { LimitOffers } from "../parts/limit-fields.ts";
import type { Scene } from "./scene.ts";

/** What forms of limits offer to the person. */
export async function limitOffers({ client, abilities }: Pick<Scene, "client" | "abilities">): Promise<LimitOffers> {
  const [models, budgets] = await Promise.all([modelNames(client), abilities.managesAll ? listBudgets(client) : []]);
  return { models, budgets: budgets.map(({ id }) => id) };
}

/** A field for the organization of a team, where there is one to choose. */
export async function organizationField(
  { client, abilities }: Pick<Scene, "client" | "abilities">,
  chosen?: string,
): Promise<readonly Node[]> {
  const organizations = abilities.managesAll ? await listOrganizations(client) : [];
  if (organizations.length === 0) return [];
  const known = organizations.map(({ id, name }) => [id, name] as const);
  return [choiceField("organization_id", "Organization", [["", "none"], ...known], chosen)];
}
