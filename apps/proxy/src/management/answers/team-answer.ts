import type { MemberRow, TeamRow } from "@dheera-ai/teams";

import {
  type BudgetTable,
  type DescribedAnswer,
  type LimitsAnswer,
  budgetTable,
  describedAnswer,
  limitsAnswer,
} from "./row-answers.ts";

export interface TeamAnswer extends LimitsAnswer, DescribedAnswer {
  readonly team_id: string;
  readonly team_alias: string | null;
  readonly organization_id: string | null;
}

export function teamAnswer(row: TeamRow): TeamAnswer {
  return {
    team_id: row.team_id,
    team_alias: row.team_alias,
    organization_id: row.organization_id,
    ...limitsAnswer(row),
    ...describedAnswer(row),
  };
}

/** A member as LiteLLM lists them in a team. */
export interface RoleAnswer {
  readonly user_id: string;
  readonly role: "admin" | "user";
}

export function roleAnswer({ user_id, role }: MemberRow): RoleAnswer {
  return { user_id, role: role === "admin" ? "admin" : "user" };
}

/** What a member may use in a team. */
export interface MembershipAnswer extends LimitsAnswer, RoleAnswer {
  readonly team_id: string;
  /** LiteLLM's name of `max_budget`. */
  readonly max_budget_in_team: number | null;
  /** Where LiteLLM's clients look for the limits. */
  readonly litellm_budget_table: BudgetTable;
}

export function membershipAnswer(row: MemberRow): MembershipAnswer {
  const limits = limitsAnswer(row);
  return {
    team_id: row.team_id,
    ...roleAnswer(row),
    ...limits,
    max_budget_in_team: row.max_budget,
    litellm_budget_table: budgetTable(limits),
  };
}
