import { element } from "../../../browser/element.ts";
import { type Organization, listOrganizations, makeOrganization } from "../../objects/organizations.ts";
import { openForm } from "../../../parts/dialogs.ts";
import { textField } from "../../../parts/fields.ts";
import { limitFieldNames, limitFields } from "../../parts/limit-fields.ts";
import { listView } from "../../parts/list-view.ts";
import { spendMeter } from "../../parts/meter.ts";
import { emptyNotice } from "../../../parts/notices.ts";
import { button, quiet } from "../../../parts/words.ts";
import { linkTo } from "../../parts/links.ts";
import { formValues } from "../../state/form-values.ts";
import { limitOffers } from "../offers.ts";
import type { Drawn, Scene } from "../scene.ts";

/** Teams with a budget in common. */
export async function organizationsSection(scene: Scene): Promise<Drawn> {
  const { client, abilities } = scene;
  const make = (): readonly HTMLElement[] =>
    abilities.managesAll ? [button("New organization", () => scene.attempt(openNew(scene)), "primary")] : [];
  return {
    title: "Organizations",
    content: [
      ...make().map((one) => element("div", { class: "actions" }, one)),
      await listView<Organization>({
        scene,
        thing: "organization",
        searchLabel: "Search by name",
        columns: [
          { head: "Organization", cell: ({ id, name, alias }) => nameOf(id, name, alias) },
          { head: "Models", cell: ({ models }) => (models.length === 0 ? "all" : models.join(", ")) },
          { head: "Spent", isNumber: true, cell: (organization) => spendMeter(organization) },
        ],
        load: (query) => listOrganizations(client, query),
        empty: emptyNotice(
          "No organization yet",
          "An organization has teams, and a budget and limits that all of them share. One company that has few teams needs none.",
          ...make(),
        ),
      }),
    ],
  };
}

async function openNew(scene: Scene): Promise<void> {
  const offers = await limitOffers(scene);
  openForm({
    title: "A new organization",
    verb: "Make the organization",
    content: [
      textField("organization_alias", { label: "Name", isRequired: true }),
      textField("organization_id", {
        label: "Id",
        placeholder: "a random one",
        hint: "How programs name it; it stays as it is.",
      }),
      ...limitFields(offers),
    ],
    submit: async (form) => {
      const names = ["organization_alias", "organization_id", ...limitFieldNames(offers)];
      const id = await makeOrganization(scene.client, formValues(form, names, true));
      scene.go({ section: "organizations", id }, "The organization is made.");
    },
  });
}

function nameOf(id: string, name: string, alias: string | undefined): HTMLElement {
  return element(
    "span",
    {},
    linkTo({ section: "organizations", id }, name),
    ...(alias === undefined ? [] : [quiet(id)]),
  );
}
