import { element } from "../../browser/element.ts";
import { type Team, listTeams, makeTeam } from "../objects/teams.ts";
import { openForm } from "../../parts/dialogs.ts";
import { textField } from "../../parts/fields.ts";
import { limitFieldNames, limitFields } from "../parts/limit-fields.ts";
import { listView } from "../parts/list-view.ts";
import { spendMeter } from "../parts/meter.ts";
import { emptyNotice } from "../../parts/notices.ts";
import { button, quiet, stateMark } from "../../parts/words.ts";
import { linkTo } from "../parts/links.ts";
import { count } from "../../parts/amounts.ts";
import { formValues } from "../state/form-values.ts";
import { limitOffers, organizationField } from "./offers.ts";
import type { Drawn, Scene } from "./scene.ts";

/** All teams that the person may see. */
export async function teamsSection(scene: Scene): Promise<Drawn> {
  const { abilities } = scene;
  const make = (): readonly HTMLElement[] =>
    abilities.managesAll ? [button("New team", () => scene.attempt(openNewTeam(scene)), "primary")] : [];
  return {
    title: abilities.seesAll ? "Teams" : "Your teams",
    content: [...make().map((one) => element("div", { class: "actions" }, one)), await teamList(scene, {}, make())],
  };
}

/** All teams, or those of an organization. @param actions what an empty list offers */
export function teamList(
  scene: Pick<Scene, "address" | "choose" | "client" | "abilities">,
  filter: { readonly organization_id?: string },
  actions: readonly Node[],
): Promise<HTMLElement> {
  const { client, abilities } = scene;
  return listView<Team>({
    scene,
    thing: "team",
    searchLabel: "Search by name",
    columns: [
      { head: "Team", cell: ({ id, name, alias }) => teamName(id, name, alias) },
      { head: "State", cell: (team) => teamMark(team) },
      { head: "Members", isNumber: true, cell: ({ members }) => count(members.length) },
      { head: "Spent", isNumber: true, cell: (team) => spendMeter(team) },
    ],
    load: (query) => listTeams(client, query, filter),
    empty: emptyNotice(
      abilities.seesAll ? "No team yet" : "You are in no team",
      abilities.managesAll
        ? "A team has members, keys and one budget for all of them. Make one for each group that pays for itself."
        : "A team has members, keys and one budget for all of them. Ask an administrator to add you to yours.",
      ...actions,
    ),
  });
}

export function teamMark({ isBlocked, budget, spend }: Team): HTMLElement {
  if (isBlocked) return stateMark("blocked", "blocked");
  return budget !== undefined && spend >= budget ? stateMark("spent", "budget spent") : stateMark("active", "active");
}

export async function openNewTeam(scene: Scene, organizationId?: string): Promise<void> {
  const [offers, organizations] = await Promise.all([limitOffers(scene), organizationField(scene, organizationId)]);
  openForm({
    title: "A new team",
    verb: "Make the team",
    content: [
      textField("team_alias", { label: "Name", isRequired: true }),
      textField("team_id", {
        label: "Id",
        placeholder: "a random one",
        hint: "How programs name it; it stays as it is.",
      }),
      ...organizations,
      ...limitFields(offers),
    ],
    submit: async (form) => {
      const names = ["team_alias", "team_id", "organization_id", ...limitFieldNames(offers)];
      const id = await makeTeam(scene.client, formValues(form, names, true));
      scene.go({ section: "teams", id }, "The team is made.");
    },
  });
}

function teamName(id: string, name: string, alias: string | undefined): HTMLElement {
  return element("span", {}, linkTo({ section: "teams", id }, name), ...(alias === undefined ? [] : [quiet(id)]));
}
