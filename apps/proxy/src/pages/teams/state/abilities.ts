import type { Session } from "../calls/session.ts";
import type { Key } from "../objects/keys.ts";
import { type SectionName, sectionNames } from "./address.ts";

/** What the person who is signed in is offered. The proxy decides again at each request: this only keeps buttons away that it would refuse. */
export interface Abilities {
  readonly sections: readonly SectionName[];
  /** Whether the lists hold what belongs to everybody, not to them alone. */
  readonly seesAll: boolean;
  readonly managesAll: boolean;
  /** May make keys for themselves. */
  readonly makesKeys: boolean;
}

export function abilitiesOf({ role, managedOrganizations }: Pick<Session, "role" | "managedOrganizations">): Abilities {
  const managesAll = role === "proxy_admin";
  const seesAll = managesAll || role === "proxy_admin_viewer";
  return {
    sections: seesAll
      ? sectionNames
      : ["overview", "keys", "teams", ...(managedOrganizations.length > 0 ? (["organizations"] as const) : [])],
    seesAll,
    managesAll,
    makesKeys: managesAll || role === "internal_user",
  };
}

/** Whoever rotates a key knows it, so one of somebody else stays theirs: an admin of their team can take it away alone. */
export function mayRotate(
  { managesAll }: Pick<Abilities, "managesAll">,
  { userId }: Pick<Session, "userId">,
  key: Pick<Key, "userId">,
): boolean {
  return managesAll || key.userId === undefined || key.userId === userId;
}
