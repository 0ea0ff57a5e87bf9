import { DheeraError } from "@dheera-ai/core";

import type { Person } from "../sign-in/person.ts";

/**
 * `change` is of what people call an object: aliases, tags, metadata. `limit` is of what it may spend and use, whom it belongs
 * to, and whether it is blocked.
 */
export type Action = "read" | "create" | "change" | "limit" | "delete" | "rotate";

/** What something is done to, with whom it belongs to. */
export type Managed =
  | {
      readonly kind: "key";
      readonly hash?: string | undefined;
      readonly teamId?: string | null | undefined;
      readonly userId?: string | null | undefined;
      readonly organizationId?: string | null | undefined;
      /** Who limited it last, or made it; for keys that there are. */
      readonly limitedBy?: string | undefined;
    }
  | { readonly kind: "team"; readonly teamId: string }
  | { readonly kind: "member"; readonly teamId: string; readonly userId?: string | undefined }
  | { readonly kind: "user"; readonly userId: string }
  | {
      readonly kind: "spend";
      readonly teamId?: string | undefined;
      readonly userId?: string | undefined;
      readonly keyHash?: string | undefined;
    }
  | { readonly kind: "organization" | "organization_member"; readonly organizationId?: string | undefined }
  | { readonly kind: "budget" | "model" | "audit" }
  | { readonly kind: "webhook"; readonly teamId?: string | null | undefined };

/**
 * What everybody may do in the management API:
 * - a proxy admin everything, and a viewer reads everything;
 * - an admin of a team its keys and members, and what its name and tags are, but not its own limits; what the keys of its members
 *   are they do not learn;
 * - an admin of an organization sees it, manages its members, and is an admin of its teams;
 * - a user keys of their own, also for teams that they are a member of, and their own usage; what somebody else limited they do
 *   not loosen;
 * - a key without a user reads itself and its own usage.
 * @throws DheeraError `forbidden` saying who may
 */
export function authorize(who: Person, action: Action, object: Managed): void {
  if (mayDo(who, action, object)) return;
  throw new DheeraError(
    "forbidden",
    `${callerText(who)} may not ${actionText(action, object)}; ${remedy(who, action, object)}`,
  );
}

/** The same as an answer. */
export function mayDo(who: Person, action: Action, object: Managed): boolean {
  if (who.role === "proxy_admin") return true;
  if (who.role === "proxy_admin_viewer" && action === "read") return true;
  switch (object.kind) {
    case "key":
      return mayDoToKey(who, action, object);
    case "team":
      if (action === "read") return isMember(who, object.teamId);
      return action === "change" && isTeamAdmin(who, object.teamId);
    case "member":
      if (action === "read") return isMember(who, object.teamId);
      return isTeamAdmin(who, object.teamId);
    case "user":
      return (action === "read" || (action === "change" && mayWrite(who))) && who.userId === object.userId;
    case "spend":
      return action === "read" && maySeeSpend(who, object);
    case "webhook":
      return typeof object.teamId === "string" && isTeamAdmin(who, object.teamId);
    case "organization":
      return action === "read" && isOrganizationAdmin(who, object.organizationId);
    case "organization_member":
      return isOrganizationAdmin(who, object.organizationId) && (action === "read" || mayWrite(who));
    case "budget":
    case "model":
    case "audit":
      return false;
    default:
      return object satisfies never;
  }
}

function mayDoToKey(who: Person, action: Action, key: Extract<Managed, { kind: "key" }>): boolean {
  const { teamId, userId } = key;
  const isOwn = userId !== undefined && userId !== null && userId === who.userId;
  const isOfOwnTeam = typeof teamId === "string" && isTeamAdmin(who, teamId);
  if (action === "read") return isOwn || isOfOwnTeam || (key.hash !== undefined && key.hash === who.keyHash);
  if (!mayWrite(who)) return false;
  // Its spend would be booked to an organization that did not ask for it.
  if (action === "create" && typeof key.organizationId === "string") return false;
  if (namesAnother(who, action, key)) return false;
  if (isOfOwnTeam) return true;
  if (!isOwn || (typeof teamId === "string" && !isMember(who, teamId))) return false;
  // What somebody else limited its holder may not loosen.
  return action !== "limit" || key.limitedBy === who.name;
}

/** Whoever makes or rotates a key knows it, and then what is done with it is done in the name of its user. */
function namesAnother({ userId }: Person, action: Action, key: Extract<Managed, { kind: "key" }>): boolean {
  return (action === "create" || action === "rotate") && typeof key.userId === "string" && key.userId !== userId;
}

function maySeeSpend(who: Person, { teamId, userId, keyHash }: Extract<Managed, { kind: "spend" }>): boolean {
  if (teamId !== undefined && isTeamAdmin(who, teamId)) return true;
  if (userId !== undefined && userId === who.userId) return true;
  return keyHash !== undefined && keyHash === who.keyHash;
}

function isMember({ teams }: Person, teamId: string): boolean {
  return teams.some((team) => team.teamId === teamId);
}

function isTeamAdmin(who: Person, teamId: string): boolean {
  return mayWrite(who) && who.teams.some((team) => team.teamId === teamId && team.role === "admin");
}

function isOrganizationAdmin({ organizations = [] }: Person, organizationId: string | undefined): boolean {
  return organizationId !== undefined && organizations.includes(organizationId);
}

/** Of viewers nothing is changed, whatever they are in a team. */
function mayWrite({ role }: Person): boolean {
  return role === "proxy_admin" || role === "internal_user";
}

function callerText({ name, role, userId }: Person): string {
  return userId === undefined ? `the key ${name}, which acts for no user,` : `${name} (${role})`;
}

function actionText(action: Action, object: Managed): string {
  const words = {
    read: "see",
    create: "make",
    change: "change",
    limit: "limit, block or reassign",
    delete: "delete",
    rotate: "rotate",
  } as const satisfies Record<Action, string>;
  return `${words[action]} ${objectText(object)}`;
}

function objectText(object: Managed): string {
  switch (object.kind) {
    case "key":
      return typeof object.teamId === "string" ? `this key of the team ${object.teamId}` : "this key";
    case "team":
      return `the team ${object.teamId}`;
    case "member":
      return `members of the team ${object.teamId}`;
    case "user":
      return object.userId === "" ? "other users" : `the user ${object.userId}`;
    case "spend":
      return object.teamId === undefined ? "this spend" : `the spend of the team ${object.teamId}`;
    case "organization":
      return object.organizationId === undefined ? "organizations" : `the organization ${object.organizationId}`;
    case "organization_member":
      return `members of the organization ${object.organizationId ?? ""}`;
    case "budget":
    case "model":
    case "webhook":
      return `${object.kind}s`;
    case "audit":
      return "the audit log";
    default:
      return object satisfies never;
  }
}

function remedy(who: Person, action: Action, object: Managed): string {
  if (object.kind === "key" && namesAnother(who, action, object))
    return `ask the user ${object.userId} or a proxy admin, or make a key without a user`;
  return "teamId" in object && typeof object.teamId === "string"
    ? `ask a proxy admin, or an admin of the team ${object.teamId}`
    : "ask a proxy admin";
}
