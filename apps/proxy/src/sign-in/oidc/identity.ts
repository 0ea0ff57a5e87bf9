import { DheeraError } from "@dheera-ai/core";

import type { SsoSettings } from "../../config/config.ts";
import { type Role, roles } from "../person.ts";

/** What a provider says of somebody. */
export type Claims = Readonly<Record<string, unknown>>;

/** Somebody whom a provider vouches for and the configuration lets in. */
export interface Identity {
  /** `<issuer>|<sub>`: an email address may belong to another person tomorrow. */
  readonly ssoUserId: string;
  /** Absent where the provider says none, or that nobody has checked it. */
  readonly email: string | undefined;
  readonly name: string | undefined;
  /** What the groups of the person make them; undefined where the configuration maps none. */
  readonly role: Role | undefined;
  /** The teams that they are in; undefined where the provider says nothing of them. */
  readonly teams: NamedIds | undefined;
}

/** Ids that a claim names. */
export interface NamedIds {
  readonly ids: readonly string[];
  /** Whether these are all that it names: each of its entries could be read, and none was left out. */
  readonly areAll: boolean;
}

/** @throws DheeraError `forbidden` for who is not let in, with what the operator can change */
export function identityOf(claims: Claims, issuer: string, settings: SsoSettings): Identity {
  const { sub } = claims;
  if (typeof sub !== "string" || sub === "" || sub.includes("\0"))
    throw refused("the provider did not say who you are (its answer has no sub, or one that is no text)");
  const email = emailOf(claims, settings);
  const groups = groupsOf(claims, settings);
  checkDomain(email, settings);
  checkGroups(groups, settings);
  return {
    ssoUserId: `${issuer}|${sub}`,
    email,
    name: textOf(claims["name"]) ?? textOf(claims["preferred_username"]),
    role: settings.role_mappings && roleIn(groups, settings.role_mappings),
    teams: settings.team_ids_jwt_field === undefined ? undefined : idsAt(claims, settings.team_ids_jwt_field),
  };
}

function emailOf(claims: Claims, { require_verified_email: mustBeVerified }: SsoSettings): string | undefined {
  const isVerified = claims["email_verified"] === true || claims["email_verified"] === "true";
  return isVerified || !mustBeVerified ? textOf(claims["email"])?.toLowerCase() : undefined;
}

function checkDomain(email: string | undefined, { allowed_email_domains: domains }: SsoSettings): void {
  if (domains === undefined) return;
  const domain = email?.slice(email.lastIndexOf("@") + 1);
  if (domain !== undefined && domains.some((allowed) => allowed.toLowerCase() === domain)) return;
  throw refused(
    email === undefined
      ? "the provider names no verified email address of yours, and the proxy lets in people of some domains alone (general_settings.sso.allowed_email_domains and require_verified_email)"
      : "your email address is of a domain that the proxy does not let in (general_settings.sso.allowed_email_domains)",
  );
}

function checkGroups(groups: ReadonlySet<string>, { allowed_groups: allowed, group_claim }: SsoSettings): void {
  if (allowed === undefined || allowed.some((group) => groups.has(group))) return;
  throw refused(
    `you are in none of the groups that the proxy lets in (general_settings.sso.allowed_groups); the provider sends groups as the claim ${group_claim}`,
  );
}

function groupsOf(claims: Claims, { group_claim: path }: SsoSettings): ReadonlySet<string> {
  return new Set(namesAt(claims, path));
}

/** The names in a claim: a text, or a list of texts; dots lead into objects. */
function namesAt(claims: Claims, path: string): readonly string[] {
  const value = claimAt(claims, path);
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.filter((name) => typeof name === "string");
}

/** The same as ids, the first 200 of them; undefined where there is neither a list nor a text. An empty list names none, and says so. */
export function idsAt(claims: Claims, path: string): NamedIds | undefined {
  const value = claimAt(claims, path);
  if (typeof value !== "string" && !Array.isArray(value)) return undefined;
  const entries: readonly unknown[] = Array.isArray(value) ? value : [value];
  const ids = new Set(entries.filter(isId));
  // One text with several names in it may be a list in the eyes of who wrote it.
  const isReadable = typeof value === "string" ? isId(value) && !/[\s,;]/.test(value) : entries.every(isId);
  return { ids: [...ids].slice(0, mostIds), areAll: isReadable && ids.size <= mostIds };
}

/** Whether this can be an id of the database: PostgreSQL refuses a whole statement because of one zero byte. */
export function isId(value: unknown): value is string {
  return (
    typeof value === "string" && value !== "" && value.length <= 256 && !value.includes("\0") && value.isWellFormed()
  );
}

/** More would be asked for at each sign-in, and for each token one after the other. */
const mostIds = 200;

/** A claim whose name has dots, such as an address, or one within objects. Undefined where there is none. */
export function claimAt(claims: Claims, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path];
  let value: unknown = claims;
  for (const name of path.split("."))
    value =
      typeof value === "object" && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
  return value;
}

/** The role that may do most of those that the groups give. */
function roleIn(groups: ReadonlySet<string>, { roles: mapped, default_role }: RoleMappings): Role {
  return roles.find((role) => mapped[role]?.some((group) => groups.has(group))) ?? default_role;
}

type RoleMappings = NonNullable<SsoSettings["role_mappings"]>;

function textOf(claim: unknown): string | undefined {
  return typeof claim === "string" && claim !== "" && claim.length <= 320 && !claim.includes("\0") ? claim : undefined;
}

function refused(reason: string): DheeraError {
  return new DheeraError("forbidden", `you cannot be let in: ${reason}`);
}
