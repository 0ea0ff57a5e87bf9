import { expect, it } from "vitest";

import { abilitiesOf, mayRotate } from "./abilities.ts";

it("offers a new key for an old one to its user, to administrators, and to all who manage it where it is nobody's", () => {
  const may = (role: string, keyUser: string | undefined): boolean =>
    mayRotate(abilitiesOf({ role }), { userId: "tia" }, { userId: keyUser });
  expect(may("internal_user", "tia")).toBe(true);
  expect(may("internal_user", undefined)).toBe(true);
  expect(may("internal_user", "mo")).toBe(false);
  expect(may("proxy_admin", "mo")).toBe(true);
});
