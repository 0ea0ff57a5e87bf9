import { element } from "../../browser/element.ts";
import { type KeyState, keyState } from "../objects/key-state.ts";
import { type Key, type KeyFilter, listKeys } from "../objects/keys.ts";
import { listTeams } from "../objects/teams.ts";
import { listView } from "../parts/list-view.ts";
import { spendMeter } from "../parts/meter.ts";
import { emptyNotice } from "../../parts/notices.ts";
import type { Column } from "../../parts/table.ts";
import { button, quiet, stateMark, timeOf } from "../../parts/words.ts";
import { linkTo } from "../parts/links.ts";
import { openNewKey } from "./key-form.ts";
import type { Drawn, Scene } from "./scene.ts";

const stateWords = {
  active: "active",
  blocked: "blocked",
  expired: "expired",
  spent: "budget spent",
} as const satisfies Record<KeyState, string>;

/** All keys that the person may see. */
export async function keysSection(scene: Scene): Promise<Drawn> {
  const { abilities } = scene;
  return {
    title: abilities.seesAll ? "Keys" : "Your keys",
    content: [
      ...(abilities.makesKeys ? [element("div", { class: "actions" }, newKeyButton(scene))] : []),
      await keyList(scene, {}, abilities.makesKeys ? [newKeyButton(scene)] : []),
    ],
  };
}

/** Keys of a team, of a user, or of all. @param actions what an empty list offers */
export async function keyList(
  scene: Pick<Scene, "address" | "choose" | "client">,
  filter: KeyFilter,
  actions: readonly Node[],
): Promise<HTMLElement> {
  const teams = await teamNames(scene);
  const columns: readonly Column<Key>[] = [
    { head: "Key", cell: (key) => keyName(key) },
    ...(filter.team_id === undefined ? [{ head: "Team", cell: (key: Key) => teamLink(key.teamId, teams) }] : []),
    ...(filter.user_id === undefined ? [{ head: "User", cell: (key: Key) => userLink(key.userId) }] : []),
    { head: "State", cell: (key) => keyMark(key) },
    { head: "Expires", cell: ({ expires }) => timeOf(expires, "never") },
    { head: "Spent", isNumber: true, cell: (key) => spendMeter(key) },
  ];
  return listView({
    scene,
    thing: "key",
    searchLabel: "Search by name",
    columns,
    load: (query) => listKeys(scene.client, query, filter),
    empty: emptyNotice(
      "No key yet",
      actions.length > 0
        ? "A program needs a key to be let in. Make one for each, with a budget of its own, so that you see who spends what."
        : "A program needs a key to be let in. Ask an administrator for one.",
      ...actions,
    ),
  });
}

export function keyMark(key: Key): HTMLElement {
  const state = keyState(key, Date.now());
  return stateMark(state, stateWords[state]);
}

export function teamLink(teamId: string | undefined, names: ReadonlyMap<string, string> = new Map()): Node {
  if (teamId === undefined) return element("span", { class: "quiet" }, "none");
  return linkTo({ section: "teams", id: teamId }, names.get(teamId) ?? teamId);
}

export function userLink(userId: string | undefined): Node {
  if (userId === undefined) return element("span", { class: "quiet" }, "nobody");
  return linkTo({ section: "users", id: userId }, userId);
}

/** What teams are called, by their ids; those beyond the first hundred are called by their ids. */
export async function teamNames({ client }: Pick<Scene, "client">): Promise<ReadonlyMap<string, string>> {
  const { rows } = await listTeams(client, { page: 1, size: 100, search: "" });
  return new Map(rows.map(({ id, name }) => [id, name]));
}

function keyName({ hash, name, alias, shortened }: Key): HTMLElement {
  const second = alias === undefined || shortened === undefined ? [] : [quiet(shortened)];
  return element("span", {}, linkTo({ section: "keys", id: hash }, name), ...second);
}

function newKeyButton(scene: Scene): HTMLButtonElement {
  return button("New key", () => scene.attempt(openNewKey(scene)), "primary");
}
