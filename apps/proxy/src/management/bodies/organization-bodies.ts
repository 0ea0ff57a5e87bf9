import type { Given, OrganizationMemberRow, OrganizationRow } from "@dheera-ai/teams";
import * as v from "valibot";

import { type DescribedFields, describedColumns, describedEntries } from "./described.ts";
import { type BodyKind, type Clearable, bodyKind, dollars, id, lines, neededId } from "./field-kinds.ts";
import { type LimitFields, limitColumns, limitEntries, pick } from "./limits.ts";

interface OrganizationFields extends LimitFields, DescribedFields {
  readonly organization_alias?: Clearable<string>;
}

const organizationEntries = {
  ...limitEntries,
  organization_alias: id("What people call it."),
  ...describedEntries,
} as const satisfies v.ObjectEntries;

export interface NewOrganizationBody extends OrganizationFields {
  readonly organization_id?: Clearable<string>;
}

export const newOrganizationBody: BodyKind<NewOrganizationBody> = bodyKind(
  { organization_id: id("Its id; a random one when absent."), ...organizationEntries },
  "A new organization.",
);

export interface OrganizationChangeBody extends OrganizationFields {
  readonly organization_id: string;
}

export const organizationChangeBody: BodyKind<OrganizationChangeBody> = bodyKind(
  { organization_id: neededId("The organization."), ...organizationEntries },
  "Fields that are to be changed; null clears one, and what is absent stays.",
);

export interface OrganizationsBody {
  readonly organization_ids: string[];
}

export const organizationsBody: BodyKind<OrganizationsBody> = bodyKind(
  { organization_ids: lines("Organizations; their teams and keys are deleted with them.", 500) },
  "Organizations that are to be deleted.",
);

const memberRole = v.pipe(
  v.picklist(
    ["org_admin", "internal_user", "internal_user_viewer"],
    "must be org_admin, internal_user or internal_user_viewer",
  ),
  v.description("`org_admin`: sees the organization, and manages its members and what its teams' admins manage."),
);
const memberLimits = {
  ...limitEntries,
  max_budget_in_organization: v.nullish(
    dollars(
      "LiteLLM's name of `max_budget`: what the member may spend with all keys for the organization and its teams.",
    ),
  ),
} as const satisfies v.ObjectEntries;

export interface OrganizationMemberLimits extends LimitFields {
  readonly max_budget_in_organization?: Clearable<number>;
}

export interface OrganizationMemberFields {
  readonly user_id?: Clearable<string>;
  readonly user_email?: Clearable<string>;
  readonly role?: OrganizationMemberRole | null | undefined;
}

type OrganizationMemberRole = v.InferOutput<typeof memberRole>;

const member = v.object(
  {
    user_id: id("The user, made where there is none."),
    user_email: id("Their address, in place of the id or for a new user."),
    role: v.nullish(memberRole),
  },
  "must be an object with user_id and role",
);

export interface NewOrganizationMembersBody extends OrganizationMemberLimits {
  readonly organization_id: string;
  readonly member: OrganizationMemberFields | OrganizationMemberFields[];
}

export const newOrganizationMembersBody: BodyKind<NewOrganizationMembersBody> = bodyKind(
  {
    organization_id: neededId("The organization."),
    member: v.union(
      [v.pipe(v.array(member), v.maxLength(500, "must hold at most 500")), member],
      "must be a member or a list of them",
    ),
    ...memberLimits,
  },
  "Members for an organization; who is one already gets what is said here.",
);

const oneMember = {
  organization_id: neededId("The organization."),
  user_id: id("The member's id."),
  user_email: id("Their address, in place of the id."),
} as const satisfies v.ObjectEntries;

export interface OrganizationMemberBody {
  readonly organization_id: string;
  readonly user_id?: Clearable<string>;
  readonly user_email?: Clearable<string>;
}

export const organizationMemberBody: BodyKind<OrganizationMemberBody> = bodyKind(
  oneMember,
  "One member of an organization.",
);

export interface OrganizationMemberChangeBody extends OrganizationMemberBody, OrganizationMemberLimits {
  readonly role?: OrganizationMemberRole | null | undefined;
}

export const organizationMemberChangeBody: BodyKind<OrganizationMemberChangeBody> = bodyKind(
  { ...oneMember, role: v.nullish(memberRole), ...memberLimits },
  "Fields that are to be changed; null clears one, and what is absent stays.",
);

export function organizationMemberColumns(fields: OrganizationMemberLimits): Given<OrganizationMemberRow> {
  const { max_budget_in_organization: budget } = fields;
  return { ...limitColumns(fields), ...(budget !== undefined && { max_budget: budget }) };
}

export function organizationColumns(fields: OrganizationFields): Given<OrganizationRow> {
  return { ...limitColumns(fields), ...pick(fields, ["organization_alias"]), ...describedColumns(fields) };
}
