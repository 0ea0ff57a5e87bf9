import { DheeraError } from "@dheera-ai/core";
import type { Given, KeyRow } from "@dheera-ai/teams";
import * as v from "valibot";

import { after, duration } from "./durations.ts";
import { type BodyKind, type Clearable, bodyKind, flag, id, line, lines, whole } from "./field-kinds.ts";
import { type DescribedFields, describedColumns, describedEntries } from "./described.ts";
import { type LimitFields, limitColumns, limitEntries, pick } from "./limits.ts";

export interface KeyFields extends LimitFields, DescribedFields {
  readonly key_alias?: Clearable<string>;
  readonly team_id?: Clearable<string>;
  readonly user_id?: Clearable<string>;
  readonly organization_id?: Clearable<string>;
  readonly duration?: Clearable<string>;
  readonly expires?: Clearable<string>;
  readonly priority?: Clearable<number | "background">;
  readonly read_metrics?: Clearable<boolean>;
}

const keyEntries = {
  ...limitEntries,
  key_alias: id("What people, logs and metrics call it; no two keys have the same."),
  team_id: id("Its team, which must exist."),
  user_id: id("Its user, who must exist."),
  organization_id: id("Its organization, where it has no team; it must exist."),
  duration: v.nullish(
    v.union(
      [duration("How long it lets somebody in from now on: `30d`."), v.literal("-1")],
      "must be a whole number and a unit, such as 30d, or -1 for no end",
    ),
  ),
  expires: v.nullish(
    v.pipe(
      line("From when on it lets nobody in: `2027-01-31T12:00:00Z`; in place of `duration`."),
      v.check((date) => isInstant(Date.parse(date)), "must be a date such as 2027-01-31T12:00:00Z"),
    ),
  ),
  priority: v.nullish(
    v.pipe(
      v.union([whole("A share."), v.literal("background")], "must be a whole number, or background"),
      v.description(
        "Its share of a deployment that is busy is 1 / (1 + priority); 0, the highest, when absent. `background`: it gets what no other key wants.",
      ),
    ),
  ),
  read_metrics: v.nullish(
    flag("May read `/metrics`, which shows the names and the traffic of all; proxy admins set it."),
  ),
  ...describedEntries,
} as const satisfies v.ObjectEntries;

/** A key as others may know it by: itself, or its hash. */
const anyKey = v.pipe(
  v.string("must be a text"),
  v.nonEmpty("must not be empty"),
  v.maxLength(1_000, "must have at most 1000 characters"),
  v.description("The key itself, or its SHA-256 in hexadecimal, which `/key/list` shows."),
);

/** A key of somebody's own choice. */
const ownKey = v.pipe(
  v.string("must be a text"),
  v.minLength(16, "must have at least 16 characters, because a shorter one could be guessed"),
  v.maxLength(1_000, "must have at most 1000 characters"),
  v.regex(/^[\x21-\x7E]+$/, "must hold visible ASCII characters only, because it is sent in a header"),
  v.description("The key itself, where it is not to be a random one: at least 16 characters."),
);

export interface NewKeyBody extends KeyFields {
  readonly key?: Clearable<string>;
}

export const newKeyBody: BodyKind<NewKeyBody> = bodyKind(
  { key: v.nullish(ownKey), ...keyEntries },
  "A new key. Without fields it may do everything that its holder can do with any model.",
);

export interface KeyChangeBody extends KeyFields {
  readonly key: string;
}

export const keyChangeBody: BodyKind<KeyChangeBody> = bodyKind(
  { key: anyKey, ...keyEntries },
  "Fields that are to be changed; null clears one, and what is absent stays.",
);

export interface KeyRotationBody extends KeyFields {
  readonly key?: Clearable<string>;
  readonly new_key?: Clearable<string>;
  readonly grace_period?: Clearable<string>;
}

export const keyRotationBody: BodyKind<KeyRotationBody> = bodyKind(
  {
    key: v.nullish(anyKey),
    new_key: v.nullish(ownKey),
    grace_period: v.nullish(
      duration("How long the old key is let in beside the new one: `24h`; not at all when absent."),
    ),
    ...keyEntries,
  },
  "Fields that are to be changed with it; none are needed.",
);

export interface KeyBody {
  readonly key: string;
}

export const keyBody: BodyKind<KeyBody> = bodyKind({ key: anyKey }, "One key.");

export interface KeysBody {
  readonly keys?: Clearable<string[]>;
  readonly key_aliases?: Clearable<string[]>;
}

/** Keys of one request. */
const mostKeys = 500;

export const keysBody: BodyKind<KeysBody> = bodyKind(
  {
    keys: v.nullish(
      v.pipe(
        v.array(anyKey, "must be a list of keys or hashes"),
        v.maxLength(mostKeys, `must hold at most ${mostKeys}`),
        v.description("Keys, or their hashes."),
      ),
    ),
    key_aliases: v.nullish(lines("Aliases of keys.", mostKeys)),
  },
  "Keys by themselves, by their hashes, or by their aliases.",
);

/** The columns that a body gives. @param now milliseconds since the epoch */
export function keyColumns(fields: KeyFields, now: number): Given<KeyRow> {
  return {
    ...limitColumns(fields),
    ...pick(fields, ["key_alias", "team_id", "user_id", "organization_id"]),
    ...priorityColumns(fields),
    ...expiry(fields, now),
    ...describedColumns(fields),
    ...(fields.read_metrics !== undefined && { read_metrics: Number(fields.read_metrics ?? false) }),
  };
}

function priorityColumns({ priority }: KeyFields): Pick<Given<KeyRow>, "priority" | "background"> {
  if (priority === undefined) return {};
  return priority === "background" ? { priority: null, background: 1 } : { priority, background: null };
}

function expiry(fields: KeyFields, now: number): { readonly expires?: number | null } {
  const { duration: time, expires } = fields;
  if (typeof time === "string" && typeof expires === "string")
    throw new DheeraError("invalid_request", "expires: stands beside duration; send one of them", { param: "expires" });
  if (typeof expires === "string") return { expires: Date.parse(expires) };
  if (typeof time === "string") return { expires: time === "-1" ? null : lastInstant(after(now, time)) };
  return time === null || expires === null ? { expires: null } : {};
}

/** What dates can say. */
const mostInstant = Date.UTC(9999, 11, 31);

function isInstant(at: number): boolean {
  return at >= 0 && at <= mostInstant;
}

function lastInstant(at: number): number {
  return isInstant(at) ? at : mostInstant;
}
