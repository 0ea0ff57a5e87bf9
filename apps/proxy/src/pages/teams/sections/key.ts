import { element } from "../../browser/element.ts";
import { type Key, blockKey, deleteKey, keyOf, rotateKey } from "../objects/keys.ts";
import { openForm } from "../../parts/dialogs.ts";
import { factList } from "../../parts/facts.ts";
import { limitFacts } from "../parts/limit-facts.ts";
import { choiceField } from "../../parts/fields.ts";
import { button, inPlace, quiet, timeOf } from "../../parts/words.ts";
import { linkTo } from "../parts/links.ts";
import { mayRotate } from "../state/abilities.ts";
import { priorityWords } from "../state/priority-words.ts";
import { openKeyChange, showOnce } from "./key-form.ts";
import { keyMark, teamLink, teamNames, userLink } from "./keys.ts";
import type { Drawn, Scene } from "./scene.ts";
import { usageParts } from "./usage.ts";

/** One key: what it may, what it has used, and what can be done with it. */
export async function keySection(scene: Scene, hash: string): Promise<Drawn> {
  const { client, abilities } = scene;
  const [key, teams] = await Promise.all([keyOf(client, hash), teamNames(scene)]);
  return {
    title: key.name,
    content: [
      element("p", { class: "back" }, linkTo({ section: "keys" }, abilities.seesAll ? "All keys" : "Your keys")),
      ...(mayChange(scene, key) ? [actionsOf(scene, key)] : []),
      factList([
        ["State", keyMark(key)],
        ["Shown as", key.shortened === undefined ? quiet("not known") : element("code", {}, key.shortened)],
        ["Team", teamLink(key.teamId, teams)],
        ["User", userLink(key.userId)],
        ["Expires", timeOf(key.expires, "never")],
        ["Made", timeOf(key.createdAt, "not known")],
        ...limitFacts(key),
        ...(key.priority === undefined
          ? []
          : [["Where a server is busy, it gets", priorityWords(key.priority)] as const]),
      ]),
      ...(await usageParts(scene, { api_key: hash }, [])),
    ],
  };
}

/** Whether the proxy may be asked to; it decides by more than the page knows. */
function mayChange(scene: Scene, key: Key): boolean {
  return mayBlock(scene, key) || (scene.abilities.makesKeys && key.userId === scene.session.userId);
}

/** Who was blocked does not open their key again. */
function mayBlock({ abilities, session }: Scene, { teamId }: Key): boolean {
  return abilities.managesAll || (abilities.makesKeys && teamId !== undefined && session.managedTeams.includes(teamId));
}

function actionsOf(scene: Scene, key: Key): HTMLElement {
  const { client } = scene;
  return element(
    "div",
    { class: "actions" },
    button("Change", () => scene.attempt(openKeyChange(scene, key))),
    ...(mayRotate(scene.abilities, scene.session, key) ? [button("Rotate", () => openRotation(scene, key))] : []),
    ...(mayBlock(scene, key) ? [blockButton(scene, key)] : []),
    button(
      "Delete",
      () =>
        openForm({
          title: "Delete this key?",
          verb: "Delete the key",
          isDangerous: true,
          content: [
            element(
              "p",
              {},
              "Programs that have it are refused from now on, and it cannot be brought back. What it spent stays in the records.",
            ),
          ],
          submit: async () => {
            await deleteKey(client, key);
            scene.go({ section: "keys" }, "The key is deleted.");
          },
        }),
      "danger",
    ),
  );
}

function blockButton(scene: Scene, key: Key): HTMLButtonElement {
  const { client } = scene;
  const unblock = async (): Promise<void> => {
    await blockKey(client, key);
    await scene.again("The key is let in again.");
  };
  if (key.isBlocked)
    return inPlace(
      "block",
      button("Let in again", () => scene.attempt(unblock())),
    );
  const block = button("Block", () =>
    openForm({
      title: "Block this key?",
      verb: "Block the key",
      isDangerous: true,
      content: [element("p", {}, "Within two seconds no proxy lets it in any more. It can be let in again.")],
      submit: async () => {
        await blockKey(client, key);
        await scene.again("The key is blocked.");
      },
    }),
  );
  return inPlace("block", block);
}

function openRotation(scene: Scene, key: Key): void {
  openForm({
    title: "Rotate this key?",
    verb: "Make a new key",
    content: [
      element(
        "p",
        {},
        "A new key takes its place, with the same limits and what was spent. Give programs time to change over, unless the old key is in wrong hands.",
      ),
      choiceField(
        "grace",
        "The old key is let in for",
        [
          ["", "no longer"],
          ["1h", "another hour"],
          ["24h", "another day"],
          ["7d", "another 7 days"],
        ],
        "24h",
      ),
    ],
    submit: async (form) => {
      const grace = form.get("grace");
      const made = await rotateKey(scene.client, key, typeof grace === "string" ? grace : "");
      showOnce(made, () =>
        scene.go({ section: "keys", id: made.hash === "" ? key.hash : made.hash }, "The key is rotated."),
      );
    },
  });
}
