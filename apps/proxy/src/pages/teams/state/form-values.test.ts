import { expect, it } from "vitest";

import { changedValues, formValues } from "./form-values.ts";

const fields = ["key_alias", "max_budget", "rpm_limit", "models"];

function form(...entries: readonly (readonly [string, string])[]): FormData {
  const made = new FormData();
  for (const [name, value] of entries) made.append(name, value);
  return made;
}

it("leaves out of a new object what nobody typed", () => {
  const typed = form(["key_alias", " ci "], ["max_budget", "0"], ["rpm_limit", " "], ["other", "x"]);
  expect(formValues(typed, fields, true)).toEqual({ key_alias: "ci", max_budget: 0 });
});

it("takes away from an object what was emptied", () => {
  expect(formValues(form(["key_alias", ""], ["max_budget", "1.5"]), fields, false)).toEqual({
    key_alias: null,
    max_budget: 1.5,
    rpm_limit: null,
    models: [],
  });
});

it("reads every ticked box of a list", () => {
  expect(formValues(form(["models", "a"], ["models", "b, c"]), fields, true)).toEqual({ models: ["a", "b, c"] });
});

it("sends only what differs", () => {
  const before = { key_alias: "a", max_budget: 1, models: ["x"], rpm_limit: null };
  const after = { key_alias: "b", max_budget: 1, models: ["x"], rpm_limit: null, dpm_limit: null };
  expect(changedValues(after, before)).toEqual({ key_alias: "b" });
});
