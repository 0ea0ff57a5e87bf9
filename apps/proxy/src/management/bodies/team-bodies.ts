import type { Given, MemberRow, TeamRow } from "@dheera-ai/teams";
import * as v from "valibot";

import { type DescribedFields, describedColumns, describedEntries } from "./described.ts";
import { budgetDuration } from "./durations.ts";
import { type BodyKind, type Clearable, bodyKind, dollars, id, lines, neededId } from "./field-kinds.ts";
import { type LimitFields, limitColumns, limitEntries, modelColumn, pick } from "./limits.ts";

/** A user and what they are in a team. */
export interface MemberFields {
  readonly user_id?: Clearable<string>;
  readonly user_email?: Clearable<string>;
  readonly role?: Clearable<"admin" | "user">;
}

const memberRole = v.picklist(["admin", "user"], "must be admin or user");

const member = v.object(
  {
    user_id: id("The user's id."),
    user_email: id("Their address, in place of the id."),
    role: v.nullish(memberRole),
  },
  "must be an object with user_id or user_email, and role",
);

interface TeamFields extends LimitFields, DescribedFields {
  readonly team_alias?: Clearable<string>;
  readonly organization_id?: Clearable<string>;
}

const teamEntries = {
  ...limitEntries,
  team_alias: id("What people call it."),
  organization_id: id("Its organization, which must exist."),
  ...describedEntries,
} as const satisfies v.ObjectEntries;

export interface NewTeamBody extends TeamFields {
  readonly team_id?: Clearable<string>;
  readonly members_with_roles?: Clearable<MemberFields[]>;
}

/** Members of one request. */
const mostMembers = 500;

const members = v.pipe(
  v.array(member, "must be a list of members"),
  v.maxLength(mostMembers, `must hold at most ${mostMembers}`),
);

export const newTeamBody: BodyKind<NewTeamBody> = bodyKind(
  {
    team_id: id("Its id; a random one when absent."),
    members_with_roles: v.nullish(members),
    ...teamEntries,
  },
  "A new team.",
);

export interface TeamChangeBody extends TeamFields {
  readonly team_id: string;
}

export const teamChangeBody: BodyKind<TeamChangeBody> = bodyKind(
  { team_id: neededId("The team."), ...teamEntries },
  "Fields that are to be changed; null clears one, and what is absent stays.",
);

export interface TeamBody {
  readonly team_id: string;
}

export const teamBody: BodyKind<TeamBody> = bodyKind({ team_id: neededId("The team.") }, "One team.");

export interface TeamsBody {
  readonly team_ids: string[];
}

export const teamsBody: BodyKind<TeamsBody> = bodyKind(
  { team_ids: lines("Teams; their keys are deleted with them.", 500) },
  "Teams that are to be deleted.",
);

export interface MemberLimits extends LimitFields {
  readonly max_budget_in_team?: Clearable<number>;
  readonly allowed_models?: Clearable<string[]>;
}

const memberEntries = {
  ...limitEntries,
  max_budget_in_team: v.nullish(dollars("LiteLLM's name of `max_budget`: what the member may spend in this team.")),
  budget_duration: v.nullish(budgetDuration("After which time that budget begins anew, an hour at least.")),
  allowed_models: v.nullish(lines("LiteLLM's name of `models`.", 1_000)),
} as const satisfies v.ObjectEntries;

export interface NewMembersBody extends MemberLimits {
  readonly team_id: string;
  readonly member: MemberFields | MemberFields[];
}

export const newMembersBody: BodyKind<NewMembersBody> = bodyKind(
  {
    team_id: neededId("The team."),
    member: v.union([members, member], "must be a member or a list of them"),
    ...memberEntries,
  },
  "Members for a team; who is one already gets what is said here.",
);

export interface MemberBody extends MemberFields {
  readonly team_id: string;
}

const oneMemberEntries = {
  team_id: neededId("The team."),
  user_id: id("The member's id."),
  user_email: id("Their address, in place of the id."),
} as const satisfies v.ObjectEntries;

export const memberBody: BodyKind<MemberBody> = bodyKind(oneMemberEntries, "One member of a team.");

export interface MemberChangeBody extends MemberBody, MemberLimits {}

export const memberChangeBody: BodyKind<MemberChangeBody> = bodyKind(
  { ...oneMemberEntries, role: v.nullish(memberRole), ...memberEntries },
  "Fields that are to be changed; null clears one, and what is absent stays.",
);

export function teamColumns(fields: TeamFields): Given<TeamRow> {
  return { ...limitColumns(fields), ...pick(fields, ["team_alias", "organization_id"]), ...describedColumns(fields) };
}

export function memberColumns(fields: MemberLimits): Given<MemberRow> {
  const { max_budget_in_team: budget, allowed_models: models } = fields;
  return {
    ...limitColumns(fields),
    ...(budget !== undefined && { max_budget: budget }),
    ...(models !== undefined && { models: modelColumn(models) }),
  };
}
