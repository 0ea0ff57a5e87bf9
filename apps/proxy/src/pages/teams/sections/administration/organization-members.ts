import { element } from "../../../browser/element.ts";
import {
  type Organization,
  type OrganizationMember,
  type OrganizationMemberValues,
  addOrganizationMember,
  removeOrganizationMember,
  updateOrganizationMember,
} from "../../objects/organizations.ts";
import { listUsers } from "../../objects/users.ts";
import { openForm } from "../../../parts/dialogs.ts";
import { choiceField, fieldRow, textField } from "../../../parts/fields.ts";
import { emptyNotice } from "../../../parts/notices.ts";
import type { Column } from "../../../parts/table.ts";
import { button, forOne, named, quiet } from "../../../parts/words.ts";
import { spendMeter } from "../../parts/meter.ts";
import { rowTable } from "../../parts/row-table.ts";
import { userLink } from "../keys.ts";
import type { Scene } from "../scene.ts";

const roleWords = [
  ["internal_user", "Member"],
  ["org_admin", "Manages its members and teams"],
  ["internal_user_viewer", "Member who only looks"],
] as const;

/** Who is in an organization, and what each may spend with all keys for it and its teams. */
export async function organizationMembers(
  scene: Scene,
  organization: Organization,
  members: readonly OrganizationMember[],
  isManaged: boolean,
): Promise<HTMLElement> {
  const add = (): HTMLElement => button("Add a member", () => scene.attempt(openAdding(scene, organization)));
  const columns: readonly Column<OrganizationMember>[] = [
    { head: "Member", cell: (member) => nameOf(scene, member) },
    { head: "Role", cell: ({ role }) => roleWords.find(([value]) => value === role)?.[1] ?? role },
    {
      head: "Spent",
      isNumber: true,
      cell: ({ spend, budget }) => spendMeter({ spend, budget, softBudget: undefined }),
    },
    ...(isManaged
      ? [{ head: "Actions", cell: (member: OrganizationMember) => actionsOf(scene, organization, member) }]
      : []),
  ];
  return element(
    "section",
    { "aria-label": "Members of the organization" },
    element("div", { class: "between" }, element("h2", {}, "Members"), ...(isManaged ? [add()] : [])),
    members.length === 0
      ? emptyNotice(
          "No member yet",
          "Members may have a budget of their own within that of the organization; those who manage it see to its members and teams.",
        )
      : await rowTable("member", columns, members, ({ userId, email }) => [userId, email ?? ""]),
  );
}

/** Who manages an organization alone sees no section of users. */
function nameOf({ abilities }: Scene, { userId, email }: OrganizationMember): HTMLElement {
  const name = abilities.seesAll ? userLink(userId) : named(userId);
  return element("span", {}, name, ...(email === undefined ? [] : [quiet(email)]));
}

function actionsOf(scene: Scene, organization: Organization, member: OrganizationMember): HTMLElement {
  return element(
    "span",
    { class: "actions" },
    forOne(
      member.userId,
      button("Change", () => openChange(scene, organization, member)),
    ),
    forOne(
      member.userId,
      button("Remove", () => openRemoval(scene, organization, member)),
    ),
  );
}

async function openAdding(scene: Scene, organization: Organization): Promise<void> {
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
      await addOrganizationMember(client, organization, valuesOf(form, textOf(form, "user_id")));
      await scene.again("The member is added.");
    },
  });
}

function openChange(scene: Scene, organization: Organization, member: OrganizationMember): void {
  openForm({
    title: `Change the member ${member.userId}`,
    verb: "Save",
    content: memberFields(member),
    submit: async (form) => {
      await updateOrganizationMember(scene.client, organization, valuesOf(form, member.userId));
      await scene.again("The member is changed.");
    },
  });
}

function openRemoval(scene: Scene, organization: Organization, { userId, role }: OrganizationMember): void {
  const loses = role === "org_admin" ? " They manage it and its teams no more." : "";
  openForm({
    title: `Remove ${userId} from the organization?`,
    verb: "Remove the member",
    isDangerous: true,
    content: [
      element("p", {}, `Their budget in the organization is gone.${loses} They stay in its teams, with their keys.`),
    ],
    submit: async () => {
      await removeOrganizationMember(scene.client, organization, userId);
      await scene.again("The member is removed.");
    },
  });
}

function memberFields(member?: OrganizationMember): readonly Node[] {
  return [
    fieldRow(
      choiceField("role", "Role", roleWords, member?.role ?? "internal_user"),
      textField("budget", {
        label: "Budget in the organization, US dollars",
        type: "number",
        placeholder: "that of the organization",
        value: member?.budget,
      }),
    ),
  ];
}

function valuesOf(form: FormData, userId: string): OrganizationMemberValues {
  const budget = textOf(form, "budget");
  return { userId, role: textOf(form, "role"), budget: budget === "" ? null : Number(budget) };
}

function textOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === "string" ? value.trim() : "";
}
