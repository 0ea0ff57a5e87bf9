import type { Given, UserRow } from "@dheera-ai/teams";
import * as v from "valibot";

import { type Role, roles } from "../../sign-in/person.ts";
import { type DescribedFields, describedColumns, describedEntries } from "./described.ts";
import { duration } from "./durations.ts";
import { type BodyKind, type Clearable, bodyKind, flag, id, line, lines, neededId } from "./field-kinds.ts";
import { type LimitFields, limitColumns, limitEntries, pick } from "./limits.ts";

interface UserFields extends LimitFields, DescribedFields {
  readonly user_alias?: Clearable<string>;
  readonly user_email?: Clearable<string>;
  readonly user_role?: Clearable<Role>;
  readonly sso_user_id?: Clearable<string>;
}

const userEntries = {
  ...limitEntries,
  user_alias: id("What people call them."),
  user_email: id("Their address."),
  user_role: v.nullish(
    v.pipe(
      v.picklist(roles, `must be one of: ${roles.join(", ")}`),
      v.description("What they may do: everything, see everything, have keys of their own, or see their own usage."),
    ),
  ),
  sso_user_id: id("Who they are where they sign in: its address, `|`, and their id there."),
  ...describedEntries,
} as const satisfies v.ObjectEntries;

/** Names that the audit log has for those who are nobody in the database. */
const reserved: ReadonlySet<string> = new Set(["master", "local"]);

const newId = v.pipe(
  line("Their id; a random one when absent."),
  v.check((name) => !reserved.has(name), "must not be master or local: calls without a user are called so"),
);

export interface NewUserBody extends UserFields {
  readonly user_id?: Clearable<string>;
  readonly teams?: Clearable<
    (string | { readonly team_id: string; readonly user_role?: Clearable<"admin" | "user"> })[]
  >;
  readonly auto_create_key?: Clearable<boolean>;
  readonly key_alias?: Clearable<string>;
  readonly duration?: Clearable<string>;
}

export const newUserBody: BodyKind<NewUserBody> = bodyKind(
  {
    user_id: v.nullish(newId),
    teams: v.nullish(
      v.pipe(
        v.array(
          v.union(
            [
              neededId("A team."),
              v.object({ team_id: neededId("A team."), user_role: v.nullish(v.picklist(["admin", "user"])) }),
            ],
            "must be a team's id, or an object with team_id and user_role",
          ),
          "must be a list of teams",
        ),
        v.maxLength(500, "must hold at most 500"),
        v.description("Teams that they become a member of."),
      ),
    ),
    auto_create_key: v.nullish(
      flag("Whether they get a key, which the answer holds; true when absent, as with LiteLLM."),
    ),
    key_alias: id("What that key is called."),
    duration: v.nullish(duration("How long that key lets them in.")),
    ...userEntries,
  },
  "A new user.",
);

export interface UserChangeBody extends UserFields {
  readonly user_id?: Clearable<string>;
}

export const userChangeBody: BodyKind<UserChangeBody> = bodyKind(
  { user_id: id("The user; `user_email` finds one too."), ...userEntries },
  "Fields that are to be changed; null clears one, and what is absent stays.",
);

export interface UsersBody {
  readonly user_ids: string[];
}

export const usersBody: BodyKind<UsersBody> = bodyKind(
  { user_ids: lines("Users; their keys are deleted with them.", 500) },
  "Users that are to be deleted.",
);

export function userColumns(fields: UserFields): Given<UserRow> {
  const { user_role: role } = fields;
  return {
    ...limitColumns(fields),
    ...pick(fields, ["user_alias", "user_email", "sso_user_id"]),
    ...(role !== undefined && { user_role: role ?? "internal_user" }),
    ...describedColumns(fields),
  };
}
