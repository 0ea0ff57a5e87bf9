import { element } from "../../browser/element.ts";
import { type Team, blockTeam, deleteTeam, teamOf, updateTeam } from "../objects/teams.ts";
import { openDeletionOf, openForm } from "../../parts/dialogs.ts";
import { factList } from "../../parts/facts.ts";
import { limitFacts } from "../parts/limit-facts.ts";
import { textField } from "../../parts/fields.ts";
import { limitFieldNames, limitFields, limitValues } from "../parts/limit-fields.ts";
import { button, inPlace, named } from "../../parts/words.ts";
import { linkTo } from "../parts/links.ts";
import { counted } from "../../parts/amounts.ts";
import { changedValues, formValues } from "../state/form-values.ts";
import { openNewKey } from "./key-form.ts";
import { keyList } from "./keys.ts";
import { membersPart } from "./members.ts";
import type { Drawn, Scene } from "./scene.ts";
import { limitOffers, organizationField } from "./offers.ts";
import { teamMark } from "./teams.ts";
import { usageParts } from "./usage.ts";

/** One team: what it may, its members and its keys. */
export async function teamSection(scene: Scene, id: string): Promise<Drawn> {
  const { client, abilities, session } = scene;
  const team = await teamOf(client, id);
  const isManaged = abilities.managesAll || session.managedTeams.includes(id);
  const seesUsage = abilities.seesAll || isManaged;
  const newKey = (): HTMLElement =>
    button("New key", () => scene.attempt(openNewKey(scene, { teamId: id })), "primary");
  return {
    title: team.name,
    content: [
      element("p", { class: "back" }, linkTo({ section: "teams" }, abilities.seesAll ? "All teams" : "Your teams")),
      ...(abilities.managesAll ? [actionsOf(scene, team)] : []),
      factList([
        ["State", teamMark(team)],
        ["Id", element("code", {}, id)],
        ...(team.organizationId === undefined
          ? []
          : [["Organization", organizationOf(scene, team.organizationId)] as const]),
        ...limitFacts(team),
      ]),
      await membersPart(scene, team, isManaged),
      element(
        "section",
        { "aria-label": "Keys of the team" },
        element("div", { class: "between" }, element("h2", {}, "Keys"), ...(isManaged ? [newKey()] : [])),
        await keyList(scene, { team_id: id }, isManaged ? [newKey()] : []),
      ),
      ...(seesUsage ? await usageParts(scene, { team_id: id }, ["keys", "models"]) : []),
    ],
  };
}

function organizationOf({ abilities }: Scene, id: string): Node {
  return abilities.seesAll ? linkTo({ section: "organizations", id }, id) : named(id);
}

function actionsOf(scene: Scene, team: Team): HTMLElement {
  return element(
    "div",
    { class: "actions" },
    button("Change", () => scene.attempt(openChange(scene, team))),
    inPlace("block", blockButton(scene, team)),
    button("Delete", () => openDeletion(scene, team), "danger"),
  );
}

function blockButton(scene: Scene, team: Team): HTMLButtonElement {
  const { client } = scene;
  if (team.isBlocked)
    return button("Let in again", () =>
      scene.attempt(blockTeam(client, team).then(() => scene.again("The team is let in again."))),
    );
  return button("Block", () =>
    openForm({
      title: "Block this team?",
      verb: "Block the team",
      isDangerous: true,
      content: [element("p", {}, "Within two seconds no proxy lets any of its keys in. It can be let in again.")],
      submit: async () => {
        await blockTeam(client, team);
        await scene.again("The team is blocked.");
      },
    }),
  );
}

function openDeletion(scene: Scene, team: Team): void {
  openDeletionOf(team.id, {
    title: "Delete this team?",
    verb: "Delete the team and its keys",
    consequence: `All its keys are deleted with it, and ${counted(team.members.length, "member")} will be in it no more. It cannot be brought back; what it spent stays in the records.`,
    confirmed: async () => {
      await deleteTeam(scene.client, team);
      scene.go({ section: "teams" }, "The team is deleted.");
    },
  });
}

async function openChange(scene: Scene, team: Team): Promise<void> {
  const [offers, organizations] = await Promise.all([
    limitOffers(scene),
    organizationField(scene, team.organizationId),
  ]);
  openForm({
    title: "Change the team",
    verb: "Save",
    content: [
      textField("team_alias", { label: "Name", isRequired: true, value: team.alias }),
      ...organizations,
      ...limitFields(offers, team),
    ],
    submit: async (form) => {
      const names = ["team_alias", ...organizations.map(() => "organization_id"), ...limitFieldNames(offers)];
      const values = formValues(form, names, false);
      const before = {
        ...limitValues(team),
        team_alias: team.alias ?? null,
        organization_id: team.organizationId ?? null,
      };
      await updateTeam(scene.client, team, changedValues(values, before));
      await scene.again("The team is changed.");
    },
  });
}
