import { expect, it } from "vitest";

import { keyState } from "./key-state.ts";

const now = Date.parse("2026-11-27T12:00:00Z");

it.each([
  ["active", {}],
  ["active", { expires: "2026-11-27T12:00:00.001Z", spend: 0.9, budget: 1 }],
  ["expired", { expires: "2026-11-27T12:00:00Z" }],
  ["expired", { expires: "2026-11-27T13:00:00+02:00", spend: 2, budget: 1 }],
  ["spent", { spend: 1, budget: 1 }],
  ["spent", { budget: 0 }],
  ["blocked", { isBlocked: true, expires: "2020-01-01T00:00:00Z" }],
] as const)("is %s for %j", (state, key) => {
  expect(keyState({ isBlocked: false, expires: undefined, spend: 0, budget: undefined, ...key }, now)).toBe(state);
});
