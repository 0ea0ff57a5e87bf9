import { element } from "../../browser/element.ts";
import { type Member, type MemberValues, type Team, addMember, removeMember, updateMember } from "../objects/teams.ts";
import { listUsers } from "../objects/users.ts";
import { openForm } from "../../parts/dialogs.ts";
import { choiceField, fieldRow, textField } from "../../parts/fields.ts";
import { rowTable } from "../parts/row-table.ts";
import { spendMeter } from "../parts/meter.ts";
import { emptyNotice } from "../../parts/notices.ts";
import type { Column } from "../../parts/table.ts";
import { button, forOne } from "../../parts/words.ts";
import { userLink } from "./keys.ts";
import type { Scene } from "./scene.ts";

const roleWords = [
  ["user", "Member"],
  ["admin", "Manages its keys and members"],
] as const;

/** Who is in a team, and what each may spend of its budget. */
export async function membersPart(scene: Scene, team: Team, isManaged: boolean): Promise<HTMLElement> {
  const add = (): HTMLElement => button("Add a member", () => scene.attempt(openAdding(scene, team)));
  const columns: readonly Column<Member>[] = [
    { head: "Member", cell: ({ userId }) => userLink(userId) },
    { head: "Role", cell: ({ role }) => roleWords.find(([value]) => value === role)?.[1] ?? role },
    {
      head: "Spent",
      isNumber: true,
      cell: ({ spend, budget }) => spendMeter({ spend, budget, softBudget: undefined }),
    },
    ...(isManaged ? [{ head: "Actions", cell: (member: Member) => actionsOf(scene, team, member) }] : []),
  ];
  return element(
    "section",
    { "aria-label": "Members of the team" },
    element("div", { class: "between" }, element("h2", {}, "Members"), ...(isManaged ? [add()] : [])),
    team.members.length === 0
      ? emptyNotice("No member yet", "Members make keys for the team themselves, and see what those spend.")
      : await rowTable("member", columns, team.members, ({ userId }) => [userId]),
  );
}

function actionsOf(scene: Scene, team: Team, member: Member): HTMLElement {
  return element(
    "span",
    { class: "actions" },
    forOne(
      member.userId,
      button("Change", () => openChange(scene, team, member)),
    ),
    forOne(
      member.userId,
      button("Remove", () => openRemoval(scene, team, member)),
    ),
  );
}

async function openAdding(scene: Scene, team: Team): Promise<void> {
  const { client, abilities } = scene;
  const users = abilities.seesAll ? (await listUsers(client, { page: 1, size: 100, search: "" })).rows : [];
  openForm({
    title: "Add a member",
    verb: "Add",
    content: [
      textField("user_id", {
        label: "User",
        isRequired: true,
        hint: "The user's id.",
        offers: users.map(({ id }) => id),
      }),
      ...memberFields(),
    ],
    submit: async (form) => {
      await addMember(client, team, valuesOf(form, textOf(form, "user_id")));
      await scene.again("The member is added.");
    },
  });
}

function openChange(scene: Scene, team: Team, member: Member): void {
  openForm({
    title: `Change the member ${member.userId}`,
    verb: "Save",
    content: memberFields(member),
    submit: async (form) => {
      await updateMember(scene.client, team, valuesOf(form, member.userId));
      await scene.again("The member is changed.");
    },
  });
}

function openRemoval(scene: Scene, team: Team, member: Member): void {
  openForm({
    title: `Remove ${member.userId} from the team?`,
    verb: "Remove the member",
    isDangerous: true,
    content: [element("p", {}, "Their keys of this team are deleted. They can be added again, with new keys.")],
    submit: async () => {
      await removeMember(scene.client, team, member.userId);
      await scene.again("The member is removed.");
    },
  });
}

function memberFields(member?: Member): readonly Node[] {
  return [
    fieldRow(
      choiceField("role", "Role", roleWords, member?.role ?? "user"),
      textField("budget", {
        label: "Budget in the team, US dollars",
        type: "number",
        placeholder: "that of the team",
        value: member?.budget,
      }),
    ),
  ];
}

function valuesOf(form: FormData, userId: string): MemberValues {
  const budget = textOf(form, "budget");
  return { userId, role: textOf(form, "role"), budget: budget === "" ? null : Number(budget) };
}

function textOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === "string" ? value.trim() : "";
}
