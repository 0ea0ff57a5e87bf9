import * as v from "valibot";

import { amount, sum, text, texts, truth } from "../calls/values.ts";

/** What keys, teams and users have alike. */
export interface Limited {
  /** Model names; all when empty. */
  readonly models: readonly string[];
  /** US dollars in the budget's present time. */
  readonly spend: number;
  /** US dollars. */
  readonly budget: number | undefined;
  readonly softBudget: number | undefined;
  readonly budgetDuration: string | undefined;
  readonly budgetTimeZone: string | undefined;
  /** When the budget begins anew. */
  readonly budgetResetsAt: string | undefined;
  readonly rpm: number | undefined;
  readonly dpm: number | undefined;
  readonly tpm: number | undefined;
  readonly parallel: number | undefined;
  readonly isBlocked: boolean;
  /** Of what it has no limit of its own, that of this budget counts. */
  readonly budgetId: string | undefined;
}

/** The fields of them in the management API. */
export const limitFields = {
  models: texts,
  spend: sum,
  max_budget: amount,
  soft_budget: amount,
  budget_duration: text,
  budget_time_zone: text,
  budget_reset_at: text,
  rpm_limit: amount,
  dpm_limit: amount,
  tpm_limit: amount,
  max_parallel_requests: amount,
  blocked: truth,
  budget_id: text,
} satisfies v.ObjectEntries;

const limitObject = v.object(limitFields);

export function asLimited(given: v.InferOutput<typeof limitObject>): Limited {
  return {
    // LiteLLM's word for all of them.
    models: given.models.filter((name) => name !== "all-proxy-models"),
    spend: given.spend,
    budget: given.max_budget,
    softBudget: given.soft_budget,
    budgetDuration: given.budget_duration,
    budgetTimeZone: given.budget_time_zone,
    budgetResetsAt: given.budget_reset_at,
    rpm: given.rpm_limit,
    dpm: given.dpm_limit,
    tpm: given.tpm_limit,
    parallel: given.max_parallel_requests,
    isBlocked: given.blocked,
    budgetId: given.budget_id,
  };
}
