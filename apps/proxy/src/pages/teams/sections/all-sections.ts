import { Refusal } from "../../browser/refusal.ts";
import type { Address } from "../state/address.ts";
import { keySection } from "./key.ts";
import { keysSection } from "./keys.ts";
import type { Drawn, Scene, Section } from "./scene.ts";
import { teamSection } from "./team.ts";
import { teamsSection } from "./teams.ts";
import { overviewSection } from "./usage.ts";
import { userSection } from "./user.ts";
import { usersSection } from "./users.ts";

/** What draws an address. */
export function sectionAt({ section, id }: Address): Section {
  return (scene) => sections[section](scene, id);
}

const sections = {
  overview: overviewSection,
  keys: (scene, id) => (id === undefined ? keysSection(scene) : keySection(scene, id)),
  teams: (scene, id) => (id === undefined ? teamsSection(scene) : teamSection(scene, id)),
  users: (scene, id) => (id === undefined ? usersSection(scene) : userSection(scene, id)),
  organizations: later("organizations"),
  budgets: later("budgets"),
  models: later("models"),
  webhooks: later("webhooks"),
  audit: later("audit"),
} as const satisfies Record<Address["section"], (scene: Scene, id?: string) => Promise<Drawn>>;

type Later = keyof (typeof import("./administration/administration.ts"))["administration"];

/** A section of the file that only administrators need. */
function later(name: Later): (scene: Scene, id?: string) => Promise<Drawn> {
  return async (scene, id) => {
    const { administration } = await import("./administration/administration.ts").catch((error: unknown) => {
      console.warn(error);
      throw new Refusal(
        0,
        "This part of the page could not be loaded. See whether you are online, then load the page anew.",
      );
    });
    return administration[name](scene, id);
  };
}
