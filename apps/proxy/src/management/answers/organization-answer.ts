import type { OrganizationMemberRow, OrganizationRow } from "@dheera-ai/teams";

import {
  type BudgetTable,
  type DescribedAnswer,
  type LimitsAnswer,
  budgetTable,
  describedAnswer,
  instant,
  limitsAnswer,
} from "./row-answers.ts";

export interface OrganizationAnswer extends LimitsAnswer, DescribedAnswer {
  readonly organization_id: string;
  readonly organization_alias: string | null;
  /** Where LiteLLM's clients look for the limits. */
  readonly litellm_budget_table: BudgetTable;
}

export function organizationAnswer(row: OrganizationRow): OrganizationAnswer {
  const limits = limitsAnswer(row);
  return {
    organization_id: row.organization_id,
    organization_alias: row.organization_alias,
    ...limits,
    ...describedAnswer(row),
    litellm_budget_table: budgetTable(limits),
  };
}

/** A member as LiteLLM lists them in an organization. */
export interface OrganizationMemberAnswer extends LimitsAnswer {
  readonly organization_id: string;
  readonly user_id: string;
  readonly user_role: string;
  readonly user_email: string | null;
  readonly created_at: string | null;
  /** Where LiteLLM's clients look for the limits. */
  readonly litellm_budget_table: BudgetTable;
}

export function organizationMemberAnswer(row: OrganizationMemberRow, email: string | null): OrganizationMemberAnswer {
  const limits = limitsAnswer(row);
  return {
    organization_id: row.organization_id,
    user_id: row.user_id,
    user_role: row.role,
    user_email: email,
    created_at: instant(row.created_at),
    ...limits,
    litellm_budget_table: budgetTable(limits),
  };
}
