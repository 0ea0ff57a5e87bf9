import { expect, it } from "vitest";

import { changesOf } from "./audit.ts";

it("names the fields that changed, and neither those that stayed nor who changed them when", () => {
  const before = { key_alias: "a", rpm_limit: 5, tags: ["x"], updated_at: "1", metadata: null };
  const after = { key_alias: "b", rpm_limit: 5, tags: ["x", "y"], updated_at: "2", blocked: true };
  expect(changesOf({ before, after })).toEqual([
    { field: "key_alias", before: "a", after: "b" },
    { field: "tags", before: '["x"]', after: '["x","y"]' },
    { field: "blocked", before: "", after: "true" },
  ]);
});

it("shows all values of what was made", () => {
  expect(changesOf({ before: {}, after: { team_alias: "a", created_by: "master", tags: "[]", metadata: {} } })).toEqual(
    [{ field: "team_alias", before: "", after: "a" }],
  );
});
