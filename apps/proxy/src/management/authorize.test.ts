import { describe, expect, it } from "vitest";

import type { Person } from "../sign-in/person.ts";
import { type Action, type Managed, authorize, mayDo } from "./authorize.ts";

const people = {
  admin: { name: "root", userId: "root", role: "proxy_admin", teams: [] },
  viewer: { name: "eye", userId: "eye", role: "proxy_admin_viewer", teams: [{ teamId: "red", role: "admin" }] },
  teamAdmin: { name: "tia", userId: "tia", role: "internal_user", teams: [{ teamId: "red", role: "admin" }] },
  member: { name: "mo", userId: "mo", role: "internal_user", teams: [{ teamId: "red", role: "user" }] },
  stranger: { name: "sam", userId: "sam", role: "internal_user", teams: [{ teamId: "blue", role: "admin" }] },
  watcher: {
    name: "wim",
    userId: "wim",
    role: "internal_user_viewer",
    teams: [{ teamId: "red", role: "admin" }],
  },
  service: { name: "ci", role: "internal_user_viewer", teams: [], keyHash: "hash-ci" },
} as const satisfies Record<string, Person>;
type PersonName = keyof typeof people;

const actions: readonly Action[] = ["read", "create", "change", "limit", "delete", "rotate"];
const writing: readonly Action[] = ["create", "change", "limit", "delete", "rotate"];
const key = { kind: "key", hash: "hash-x", limitedBy: "root" } as const;

/** Who but a proxy admin may do what to whose object; what is not here is forbidden. */
const allowed: Record<string, { object: Managed; may: Partial<Record<PersonName, readonly Action[]>> }> = {
  "a key of nobody": { object: key, may: { viewer: ["read"] } },
  "a key of a member for the team": {
    object: { ...key, teamId: "red", userId: "mo" },
    may: {
      viewer: ["read"],
      teamAdmin: ["read", "change", "limit", "delete"],
      member: ["read", "create", "change", "delete", "rotate"],
    },
  },
  "a key that the member made": {
    object: { ...key, teamId: "red", userId: "mo", limitedBy: "mo" },
    may: { viewer: ["read"], teamAdmin: ["read", "change", "limit", "delete"], member: actions },
  },
  "a key that an admin of the team has for it": {
    object: { ...key, teamId: "red", userId: "tia" },
    may: { viewer: ["read"], teamAdmin: actions },
  },
  "a key of the team alone": { object: { ...key, teamId: "red" }, may: { viewer: ["read"], teamAdmin: actions } },
  "a key for the team in the name of somebody outside of it": {
    object: { ...key, teamId: "red", userId: "sam" },
    may: { viewer: ["read"], teamAdmin: ["read", "change", "limit", "delete"], stranger: ["read"] },
  },
  "a key of a user without a team": {
    object: { ...key, userId: "mo" },
    may: { viewer: ["read"], member: ["read", "create", "change", "delete", "rotate"] },
  },
  "a key of a user who only watches": {
    object: { ...key, userId: "wim", limitedBy: "wim" },
    may: { viewer: ["read"], watcher: ["read"] },
  },
  "a key of an organization": {
    object: { ...key, userId: "mo", organizationId: "acme" },
    may: { viewer: ["read"], member: ["read", "change", "delete", "rotate"] },
  },
  "a key of an organization for the team": {
    object: { ...key, teamId: "red", organizationId: "acme" },
    may: { viewer: ["read"], teamAdmin: ["read", "change", "limit", "delete", "rotate"] },
  },
  "the key that calls": { object: { ...key, hash: "hash-ci" }, may: { viewer: ["read"], service: ["read"] } },
  "a team": {
    object: { kind: "team", teamId: "red" },
    may: { viewer: ["read"], teamAdmin: ["read", "change"], member: ["read"], watcher: ["read"] },
  },
  "a team's member": {
    object: { kind: "member", teamId: "red", userId: "mo" },
    may: { viewer: ["read"], teamAdmin: actions, member: ["read"], watcher: ["read"] },
  },
  "a user": { object: { kind: "user", userId: "mo" }, may: { viewer: ["read"], member: ["read", "change"] } },
  "a user who only watches": { object: { kind: "user", userId: "wim" }, may: { viewer: ["read"], watcher: ["read"] } },
  "the spend of all": { object: { kind: "spend" }, may: { viewer: ["read"] } },
  "the spend of a team": { object: { kind: "spend", teamId: "red" }, may: { viewer: ["read"], teamAdmin: ["read"] } },
  "the spend of a user": { object: { kind: "spend", userId: "mo" }, may: { viewer: ["read"], member: ["read"] } },
  "the spend of a key": { object: { kind: "spend", keyHash: "hash-ci" }, may: { viewer: ["read"], service: ["read"] } },
  "an organization": { object: { kind: "organization" }, may: { viewer: ["read"] } },
  "a budget": { object: { kind: "budget" }, may: { viewer: ["read"] } },
  "a model": { object: { kind: "model" }, may: { viewer: ["read"] } },
  "the audit log": { object: { kind: "audit" }, may: { viewer: ["read"] } },
  "a webhook of all": { object: { kind: "webhook" }, may: { viewer: ["read"] } },
  "a webhook of a team": {
    object: { kind: "webhook", teamId: "red" },
    may: { viewer: ["read"], teamAdmin: actions },
  },
};

describe.each(Object.entries(allowed))("%s", (_, { object, may }) => {
  it.each(Object.keys(people) as PersonName[])("lets %s do what the table says and nothing else", (name) => {
    const expected = name === "admin" ? actions : (may[name] ?? []);
    expect(actions.filter((action) => mayDo(people[name], action, object))).toEqual(
      actions.filter((action) => expected.includes(action)),
    );
  });
});

it("lets nobody who only watches write anything", () => {
  for (const name of ["viewer", "watcher", "service"] as const)
    for (const { object } of Object.values(allowed))
      for (const action of writing) expect(mayDo(people[name], action, object)).toBe(false);
});

it("says who may not do what, and whom to ask", () => {
  expect(() => authorize(people.member, "limit", { kind: "team", teamId: "red" })).toThrow(
    expect.objectContaining({
      code: "forbidden",
      message:
        "mo (internal_user) may not limit, block or reassign the team red; ask a proxy admin, or an admin of the team red",
    }),
  );
  expect(() => authorize(people.service, "read", { kind: "audit" })).toThrow(
    "the key ci, which acts for no user, may not see the audit log; ask a proxy admin",
  );
});
