import { element } from "../../browser/element.ts";
import { type User, deleteUser, roleWord, updateUser, userOf } from "../objects/users.ts";
import { openForm } from "../../parts/dialogs.ts";
import { factList } from "../../parts/facts.ts";
import { limitFacts } from "../parts/limit-facts.ts";
import { fieldRow, textField } from "../../parts/fields.ts";
import { limitFieldNames, limitFields, limitValues } from "../parts/limit-fields.ts";
import { button } from "../../parts/words.ts";
import { linkTo } from "../parts/links.ts";
import { changedValues, formValues } from "../state/form-values.ts";
import { openNewKey } from "./key-form.ts";
import { keyList } from "./keys.ts";
import { limitOffers } from "./offers.ts";
import type { Drawn, Scene } from "./scene.ts";
import { usageParts } from "./usage.ts";
import { roleField } from "./users.ts";

/** One user: what they may, their keys and what those spent. */
export async function userSection(scene: Scene, id: string): Promise<Drawn> {
  const { client, abilities } = scene;
  const user = await userOf(client, id);
  const newKey = (): readonly HTMLElement[] =>
    abilities.managesAll ? [button("New key", () => scene.attempt(openNewKey(scene, { userId: id })), "primary")] : [];
  return {
    title: user.name,
    content: [
      ...(abilities.seesAll ? [element("p", { class: "back" }, linkTo({ section: "users" }, "All users"))] : []),
      ...(abilities.managesAll ? [actionsOf(scene, user)] : []),
      factList([
        ["Id", element("code", {}, user.id)],
        ["Address", user.email ?? "none"],
        ["Role", roleWord(user.role)],
        ...limitFacts(user),
      ]),
      element(
        "section",
        { "aria-label": "Keys of the user" },
        element("div", { class: "between" }, element("h2", {}, "Keys"), ...newKey()),
        await keyList(scene, { user_id: id }, newKey()),
      ),
      ...(await usageParts(scene, { user_id: id }, ["keys", "models"])),
    ],
  };
}

function actionsOf(scene: Scene, user: User): HTMLElement {
  return element(
    "div",
    { class: "actions" },
    button("Change", () => scene.attempt(openChange(scene, user))),
    button(
      "Delete",
      () =>
        openForm({
          title: "Delete this user?",
          verb: "Delete the user and their keys",
          isDangerous: true,
          content: [
            element(
              "p",
              {},
              "Their keys are deleted too, and they leave all teams. It cannot be undone; what they spent stays in the records.",
            ),
          ],
          submit: async () => {
            await deleteUser(scene.client, user);
            scene.go({ section: "users" }, "The user is deleted.");
          },
        }),
      "danger",
    ),
  );
}

async function openChange(scene: Scene, user: User): Promise<void> {
  const offers = await limitOffers(scene);
  openForm({
    title: "Change the user",
    verb: "Save",
    content: [
      fieldRow(
        textField("user_alias", { label: "Name", value: user.alias }),
        textField("user_email", { label: "Address", type: "email", value: user.email }),
      ),
      roleField(user.role),
      ...limitFields(offers, user),
    ],
    submit: async (form) => {
      const values = formValues(form, ["user_alias", "user_email", "user_role", ...limitFieldNames(offers)], false);
      const before = {
        ...limitValues(user),
        user_alias: user.alias ?? null,
        user_email: user.email ?? null,
        user_role: user.role,
      };
      await updateUser(scene.client, user, changedValues(values, before));
      await scene.again("The user is changed.");
    },
  });
}
