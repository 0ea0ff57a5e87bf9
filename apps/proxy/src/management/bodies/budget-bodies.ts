import type { BudgetRow, Given } from "@dheera-ai/teams";

import { type BodyKind, type Clearable, bodyKind, id, lines, neededId } from "./field-kinds.ts";
import { type LimitFields, budgetEntries, limitColumns, pick } from "./limits.ts";

type BudgetFields = Omit<LimitFields, "models" | "max_documents" | "budget_id">;

export interface NewBudgetBody extends BudgetFields {
  readonly budget_id?: Clearable<string>;
}

export const newBudgetBody: BodyKind<NewBudgetBody> = bodyKind(
  { budget_id: id("Its id; a random one when absent."), ...budgetEntries },
  "A budget that several may share the values of; each of them spends for itself.",
);

export interface BudgetChangeBody extends BudgetFields {
  readonly budget_id: string;
}

export const budgetChangeBody: BodyKind<BudgetChangeBody> = bodyKind(
  { budget_id: neededId("The budget."), ...budgetEntries },
  "Fields that are to be changed; null clears one, and what is absent stays.",
);

export interface BudgetsBody {
  readonly budgets: string[];
}

export const budgetsBody: BodyKind<BudgetsBody> = bodyKind({ budgets: lines("Budgets.", 500) }, "Budgets.");

export interface BudgetBody {
  readonly id: string;
}

export const budgetBody: BodyKind<BudgetBody> = bodyKind({ id: neededId("The budget.") }, "One budget.");

export function budgetColumns(fields: BudgetFields): Given<BudgetRow> {
  return pick(limitColumns(fields), [
    "rpm_limit",
    "tpm_limit",
    "dpm_limit",
    "max_parallel_requests",
    "max_budget",
    "soft_budget",
    "budget_duration",
    "budget_time_zone",
  ]);
}
