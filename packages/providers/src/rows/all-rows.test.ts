import * as v from "valibot";
import { describe, expect, it } from "vitest";

import { rowName, rowSchema } from "../engine/schema/row-schema.ts";
import { allRows } from "./all-rows.ts";

it("have names of their own", () => {
  const names = allRows.map(({ row }) => row.name);
  expect(names).toEqual([...new Set(names)]);
});

describe.each(allRows.map((defined) => [defined.row.name, defined] as const))("the row %s", (_, { row }) => {
  const { name, ...fields } = row;

  it("is one that a configuration could hold too", () => {
    expect(v.safeParse(rowName, name).issues).toBeUndefined();
    const { issues = [] } = v.safeParse(rowSchema(), fields);
    expect(issues.map((issue) => `${v.getDotPath(issue)} ${issue.message}`)).toEqual([]);
  });

  it("says where it is, or by which variable it can be said, if it has a variable for a key", () => {
    const { api_base, api_base_env = [], hosts = [], api_key_env = [] } = row;
    expect(api_key_env.length === 0 || api_base !== undefined || api_base_env.length + hosts.length > 0).toBe(true);
  });
});
