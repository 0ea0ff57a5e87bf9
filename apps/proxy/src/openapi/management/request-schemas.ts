import type * as v from "valibot";

import { budgetBody, budgetChangeBody, budgetsBody, newBudgetBody } from "../../management/bodies/budget-bodies.ts";
import type { BodyKind } from "../../management/bodies/field-kinds.ts";
import { keyBody, keyChangeBody, keyRotationBody, keysBody, newKeyBody } from "../../management/bodies/key-bodies.ts";
import {
  newOrganizationBody,
  newOrganizationMembersBody,
  organizationChangeBody,
  organizationMemberBody,
  organizationMemberChangeBody,
  organizationsBody,
} from "../../management/bodies/organization-bodies.ts";
import {
  memberBody,
  memberChangeBody,
  newMembersBody,
  newTeamBody,
  teamBody,
  teamChangeBody,
  teamsBody,
} from "../../management/bodies/team-bodies.ts";
import { spendDeletionBody } from "../../management/bodies/spend-bodies.ts";
import { modelBody, modelIdBody } from "../../management/models/model-body.ts";
import { newUserBody, userChangeBody, usersBody } from "../../management/bodies/user-bodies.ts";
import {
  newWebhookBody,
  webhookBody,
  webhookChangeBody,
  webhookRotationBody,
} from "../../management/bodies/webhook-bodies.ts";

const bodies = {
  NewKeyRequest: newKeyBody,
  KeyChangeRequest: keyChangeBody,
  KeyRotationRequest: keyRotationBody,
  KeyRequest: keyBody,
  KeysRequest: keysBody,
  NewTeamRequest: newTeamBody,
  TeamChangeRequest: teamChangeBody,
  TeamRequest: teamBody,
  TeamsRequest: teamsBody,
  NewMembersRequest: newMembersBody,
  MemberChangeRequest: memberChangeBody,
  MemberRequest: memberBody,
  NewUserRequest: newUserBody,
  UserChangeRequest: userChangeBody,
  UsersRequest: usersBody,
  NewOrganizationRequest: newOrganizationBody,
  OrganizationChangeRequest: organizationChangeBody,
  OrganizationsRequest: organizationsBody,
  NewOrganizationMembersRequest: newOrganizationMembersBody,
  OrganizationMemberChangeRequest: organizationMemberChangeBody,
  OrganizationMemberRequest: organizationMemberBody,
  NewBudgetRequest: newBudgetBody,
  BudgetChangeRequest: budgetChangeBody,
  BudgetsRequest: budgetsBody,
  BudgetRequest: budgetBody,
  NewWebhookRequest: newWebhookBody,
  WebhookChangeRequest: webhookChangeBody,
  WebhookRequest: webhookBody,
  WebhookRotationRequest: webhookRotationBody,
  SpendDeletionRequest: spendDeletionBody,
} as const satisfies Record<string, BodyKind<unknown>>;

/** Bodies that are read by their schemas alone. */
const schemas = { ModelRequest: modelBody, ModelIdRequest: modelIdBody } as const;

export type RequestName = keyof typeof bodies | keyof typeof schemas;

/** The schemas that check the bodies of the management API. */
export const requestSchemas: Readonly<Record<string, v.GenericSchema>> = {
  ...Object.fromEntries(Object.entries(bodies).map(([name, { schema }]) => [name, schema])),
  ...schemas,
};
