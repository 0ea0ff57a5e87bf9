import { expect, it } from "vitest";

import { abilitiesOf, mayRotate } from "./abilities.ts";

it("offers a new key for an old one to its user, to administrators, and to all who manage it where it is nobody's", () => {
  const may = (role: string, keyUser: string | undefined): boolean =>
    mayRotate(abilitiesOf({ role, managedOrganizations: [] }), { userId: "tia" }, { userId: keyUser });
  expect(may("internal_user", "tia")).toBe(true);
  expect(may("internal_user", undefined)).toBe(true);
  expect(may("internal_user", "mo")).toBe(false);
  expect(may("proxy_admin", "mo")).toBe(true);
});

it("shows organizations to those who manage one, and to administrators", () => {
  const sections = (role: string, managedOrganizations: readonly string[]): readonly string[] =>
    abilitiesOf({ role, managedOrganizations }).sections;
  expect(sections("internal_user", ["acme"])).toContain("organizations");
  expect(sections("internal_user", [])).not.toContain("organizations");
  expect(sections("proxy_admin", [])).toContain("organizations");
});
