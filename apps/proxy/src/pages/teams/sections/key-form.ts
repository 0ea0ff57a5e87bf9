import { type Key, type NewKey, makeKey, updateKey } from "../objects/keys.ts";
import { listTeams } from "../objects/teams.ts";
import { openForm } from "../../parts/dialogs.ts";
import { choiceField, fieldRow, textField } from "../../parts/fields.ts";
import { limitFieldNames, limitFields, limitValues } from "../parts/limit-fields.ts";
import { showSecret } from "../parts/secret.ts";
import { changedValues, formValues } from "../state/form-values.ts";
import { priorityOffers } from "../state/priority-words.ts";
import { limitOffers } from "./offers.ts";
import type { Scene } from "./scene.ts";

const mostTeams = 100;

const expiries = [
  ["", "never"],
  ["1d", "in a day"],
  ["7d", "in 7 days"],
  ["30d", "in 30 days"],
  ["90d", "in 90 days"],
  ["365d", "in a year"],
] as const;

function priorityField(priority?: string): HTMLElement {
  return choiceField("priority", "Where a server is busy, it gets", priorityOffers(priority), priority);
}

/** Makes a key, and shows it once. */
export async function openNewKey(
  scene: Scene,
  given: { readonly teamId?: string; readonly userId?: string } = {},
): Promise<void> {
  const { client, session, abilities } = scene;
  const [offers, teams] = await Promise.all([limitOffers(scene), teamField(scene, given.teamId)]);
  openForm({
    title: "A new key",
    verb: "Make the key",
    content: [
      textField("key_alias", { label: "Name", isRequired: true, hint: "What logs and metrics call it." }),
      fieldRow(teams, choiceField("duration", "Expires", expiries)),
      ...(abilities.managesAll
        ? [
            textField("user_id", {
              label: "User",
              placeholder: "nobody",
              value: given.userId,
              hint: "The id of whom it belongs to.",
            }),
          ]
        : []),
      priorityField(),
      ...limitFields(offers),
    ],
    submit: async (form) => {
      const names = ["key_alias", "team_id", "duration", "user_id", "priority", ...limitFieldNames(offers)];
      const values = formValues(form, names, true);
      const isOwn = !abilities.managesAll && given.teamId === undefined && session.userId !== undefined;
      const made = await makeKey(client, isOwn ? { ...values, user_id: session.userId } : values);
      showOnce(made, () => void scene.again("The key is made."));
    },
  });
}

export async function openKeyChange(scene: Scene, key: Key): Promise<void> {
  const offers = await limitOffers(scene);
  openForm({
    title: "Change the key",
    verb: "Save",
    content: [
      textField("key_alias", { label: "Name", isRequired: true, value: key.alias }),
      choiceField("duration", "Expires", [["", "as it is"], ...expiries.slice(1), ["-1", "never"]]),
      priorityField(key.priority),
      ...limitFields(offers, key),
    ],
    submit: async (form) => {
      const values = formValues(form, ["key_alias", "priority", ...limitFieldNames(offers)], false);
      const priority =
        key.priority === undefined || key.priority === "background" ? key.priority : Number(key.priority);
      const before = { ...limitValues(key), key_alias: key.alias ?? null, priority: priority ?? null };
      await updateKey(scene.client, key, { ...changedValues(values, before), ...formValues(form, ["duration"], true) });
      await scene.again("The key is changed.");
    },
  });
}

/** The only time at which a key can be read. */
export function showOnce({ key }: NewKey, closed: () => void): void {
  showSecret(key, {
    title: "Copy the key now",
    what: "The key",
    advice: "It is shown this once: the proxy keeps only its hash. Who loses it gets a new one by rotating it.",
    closed,
  });
}

/** The teams that there are; where they are too many for a list, their ids are typed. */
async function teamField({ client }: Scene, chosen: string | undefined): Promise<HTMLElement> {
  const { rows, total } = await listTeams(client, { page: 1, size: mostTeams, search: "" });
  const known = rows.map(({ id, name }) => [id, name] as const);
  if (total > mostTeams) return textField("team_id", { label: "Team", placeholder: "its id", value: chosen });
  return choiceField("team_id", "Team", [["", "none"], ...known], chosen);
}
