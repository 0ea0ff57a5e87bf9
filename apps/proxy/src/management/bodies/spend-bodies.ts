import * as v from "valibot";

import { type BodyKind, type Clearable, bodyKind, id, line } from "./field-kinds.ts";

export interface SpendDeletionBody {
  readonly key?: Clearable<string>;
  readonly team_id?: Clearable<string>;
  /** A day of UTC, or an instant. */
  readonly before?: Clearable<string>;
}

export const spendDeletionBody: BodyKind<SpendDeletionBody> = bodyKind(
  {
    key: id("The key whose answers are deleted, or its hash."),
    team_id: id("In its place the team whose answers are deleted."),
    before: v.nullish(
      v.pipe(
        line("Those of before this day (`2026-11-27`) or instant (`2026-11-27T10:00:00Z`) alone; all when absent.", 40),
        v.check(isTime, "must be a day such as 2026-11-27, or an instant such as 2026-11-27T10:00:00Z"),
      ),
    ),
  },
  "Whose answers are deleted: either `key` or `team_id`.",
);

function isTime(text: string): boolean {
  const [, day = ""] = /^(\d{4}-\d\d-\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?$/.exec(text) ?? [];
  const begin = Date.parse(day);
  // Of days that there are not, such as February 30, others are made.
  return !Number.isNaN(Date.parse(text)) && !Number.isNaN(begin) && new Date(begin).toISOString().startsWith(day);
}
