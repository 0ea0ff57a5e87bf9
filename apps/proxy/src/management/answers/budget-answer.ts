import type { BudgetRow } from "@dheera-ai/teams";

import { type LimitsAnswer, type WrittenAnswer, writtenAnswer } from "./row-answers.ts";

export interface BudgetAnswer
  extends Omit<LimitsAnswer, "models" | "max_documents" | "budget_id" | "budget_reset_at">, WrittenAnswer {
  readonly budget_id: string;
}

export function budgetAnswer(row: BudgetRow): BudgetAnswer {
  return {
    budget_id: row.budget_id,
    max_budget: row.max_budget,
    soft_budget: row.soft_budget,
    budget_duration: row.budget_duration,
    budget_time_zone: row.budget_time_zone,
    max_parallel_requests: row.max_parallel_requests,
    rpm_limit: row.rpm_limit,
    tpm_limit: row.tpm_limit,
    dpm_limit: row.dpm_limit,
    ...writtenAnswer(row),
  };
}
