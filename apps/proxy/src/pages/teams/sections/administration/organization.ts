import { element } from "../../../browser/element.ts";
import {
  type Organization,
  deleteOrganization,
  organizationOf,
  updateOrganization,
} from "../../objects/organizations.ts";
import { openDeletionOf, openForm } from "../../../parts/dialogs.ts";
import { factList } from "../../../parts/facts.ts";
import { limitFacts } from "../../parts/limit-facts.ts";
import { textField } from "../../../parts/fields.ts";
import { limitFieldNames, limitFields, limitValues } from "../../parts/limit-fields.ts";
import { button } from "../../../parts/words.ts";
import { linkTo } from "../../parts/links.ts";
import { changedValues, formValues } from "../../state/form-values.ts";
import { limitOffers } from "../offers.ts";
import type { Drawn, Scene } from "../scene.ts";
import { openNewTeam, teamList } from "../teams.ts";
import { organizationMembers } from "./organization-members.ts";
import { usageParts } from "../usage.ts";

/** One organization: what it may, its teams and members, and what those spent. */
export async function organizationSection(scene: Scene, id: string): Promise<Drawn> {
  const { client, abilities, session } = scene;
  const { organization, members } = await organizationOf(client, id);
  const managesMembers = abilities.managesAll || session.managedOrganizations.includes(id);
  const newTeam = (): readonly HTMLElement[] =>
    abilities.managesAll ? [button("New team", () => scene.attempt(openNewTeam(scene, id)), "primary")] : [];
  return {
    title: organization.name,
    content: [
      element("p", { class: "back" }, linkTo({ section: "organizations" }, "All organizations")),
      ...(abilities.managesAll ? [actionsOf(scene, organization)] : []),
      factList([["Id", element("code", {}, id)], ...limitFacts(organization)]),
      element(
        "section",
        { "aria-label": "Teams of the organization" },
        element("div", { class: "between" }, element("h2", {}, "Teams"), ...newTeam()),
        await teamList(scene, { organization_id: id }, newTeam()),
      ),
      await organizationMembers(scene, organization, members, managesMembers),
      // To others the charts would show what they spent themselves.
      ...(abilities.seesAll ? await usageParts(scene, { organization_id: id }, ["teams", "keys", "models"]) : []),
    ],
  };
}

function actionsOf(scene: Scene, organization: Organization): HTMLElement {
  return element(
    "div",
    { class: "actions" },
    button("Change", () => scene.attempt(openChange(scene, organization))),
    button(
      "Delete",
      () =>
        openDeletionOf(organization.id, {
          title: "Delete this organization?",
          verb: "Delete it with its teams",
          consequence:
            "Its teams are deleted with it, and all their keys. It cannot be brought back; what was spent stays in the records.",
          confirmed: async () => {
            await deleteOrganization(scene.client, organization);
            scene.go({ section: "organizations" }, "The organization is deleted.");
          },
        }),
      "danger",
    ),
  );
}

async function openChange(scene: Scene, organization: Organization): Promise<void> {
  const offers = await limitOffers(scene);
  openForm({
    title: "Change the organization",
    verb: "Save",
    content: [
      textField("organization_alias", { label: "Name", isRequired: true, value: organization.alias }),
      ...limitFields(offers, organization),
    ],
    submit: async (form) => {
      const values = formValues(form, ["organization_alias", ...limitFieldNames(offers)], false);
      const before = { ...limitValues(organization), organization_alias: organization.alias ?? null };
      await updateOrganization(scene.client, organization, changedValues(values, before));
      await scene.again("The organization is changed.");
    },
  });
}
