import { element } from "../../browser/element.ts";
import { type User, listUsers, makeUser, roleWord, roles } from "../objects/users.ts";
import { openForm } from "../../parts/dialogs.ts";
import { choiceField, fieldRow, textField } from "../../parts/fields.ts";
import { listView } from "../parts/list-view.ts";
import { spendMeter } from "../parts/meter.ts";
import { emptyNotice } from "../../parts/notices.ts";
import { button, quiet } from "../../parts/words.ts";
import { linkTo } from "../parts/links.ts";
import { formValues } from "../state/form-values.ts";
import type { Drawn, Scene } from "./scene.ts";

/** Everybody who may sign in, or whose keys and spend are counted together. */
export async function usersSection(scene: Scene): Promise<Drawn> {
  const { client, abilities } = scene;
  const make = (): readonly HTMLElement[] =>
    abilities.managesAll ? [button("New user", () => openNewUser(scene), "primary")] : [];
  return {
    title: "Users",
    content: [
      ...make().map((one) => element("div", { class: "actions" }, one)),
      await listView<User>({
        scene,
        thing: "user",
        searchLabel: "Search by name or address",
        columns: [
          { head: "User", cell: ({ id, name }) => userName(id, name) },
          { head: "Address", cell: ({ email }) => email ?? element("span", { class: "quiet" }, "none") },
          { head: "Role", cell: ({ role }) => roleWord(role) },
          { head: "Spent", isNumber: true, cell: (user) => spendMeter(user) },
        ],
        load: (query) => listUsers(client, query),
        empty: emptyNotice(
          "No user yet",
          "Users come by themselves when people sign in, where sign-in is set up. Make one to give somebody keys and a budget before.",
          ...make(),
        ),
      }),
      invitation(scene),
    ],
  };
}

/** How people get here: what is sent to them. */
function invitation({ session }: Scene): HTMLElement {
  const address = element("code", {}, location.origin + location.pathname);
  return session.hasProvider
    ? element(
        "p",
        { class: "quiet" },
        "To invite somebody, send them ",
        address,
        ": they sign in with their company’s account. Who was made a user with that account’s mail address before is that user, with role and teams.",
      )
    : element(
        "p",
        { class: "quiet" },
        "To invite somebody, make them a user and a key, and send them ",
        address,
        ": they sign in with the key. Where OpenID Connect is set up, they sign in with their company’s account.",
      );
}

export function roleField(chosen: string = "internal_user"): HTMLElement {
  return choiceField("user_role", "Role", Object.entries(roles), chosen);
}

function openNewUser(scene: Scene): void {
  openForm({
    title: "A new user",
    verb: "Make the user",
    content: [
      textField("user_id", {
        label: "Id",
        isRequired: true,
        hint: "How keys and programs name them; it stays as it is.",
      }),
      fieldRow(
        textField("user_alias", { label: "Name" }),
        textField("user_email", { label: "Address", type: "email" }),
      ),
      roleField(),
      textField("max_budget", { label: "Budget, US dollars", type: "number", placeholder: "none" }),
    ],
    submit: async (form) => {
      const values = formValues(form, ["user_id", "user_alias", "user_email", "user_role", "max_budget"], true);
      await makeUser(scene.client, values);
      scene.go({ section: "users", id: String(values["user_id"]) }, "The user is made.");
    },
  });
}

function userName(id: string, name: string): HTMLElement {
  return element("span", {}, linkTo({ section: "users", id }, name), ...(name === id ? [] : [quiet(id)]));
}
