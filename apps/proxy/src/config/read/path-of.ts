import type * as v from "valibot";

import type { Path } from "./path.ts";

/** Where in the data a schema found something wrong. */
export function pathOf(issue: v.BaseIssue<unknown>): Path {
  return (issue.path ?? []).flatMap(({ key }) => (typeof key === "string" || typeof key === "number" ? [key] : []));
}
