import { type LimitColumns, windowOf } from "@dheera-ai/teams";

/** Limits as they are answered: null where there is none. */
export interface LimitsAnswer {
  /** Empty: all. */
  readonly models: readonly string[];
  readonly rpm_limit: number | null;
  readonly tpm_limit: number | null;
  readonly dpm_limit: number | null;
  readonly max_parallel_requests: number | null;
  readonly max_documents: number | null;
  readonly max_budget: number | null;
  readonly soft_budget: number | null;
  readonly budget_duration: string | null;
  readonly budget_time_zone: string | null;
  readonly budget_id: string | null;
  /** When the time of its own budget that runs is over. */
  readonly budget_reset_at: string | null;
}

export function limitsAnswer(row: LimitColumns): LimitsAnswer {
  return {
    models: texts(row.models),
    rpm_limit: row.rpm_limit,
    tpm_limit: row.tpm_limit,
    dpm_limit: row.dpm_limit,
    max_parallel_requests: row.max_parallel_requests,
    max_documents: row.max_documents,
    max_budget: row.max_budget,
    soft_budget: row.soft_budget,
    budget_duration: row.budget_duration,
    budget_time_zone: row.budget_time_zone,
    budget_id: row.budget_id,
    budget_reset_at: resetOf(row),
  };
}

/** The limits that LiteLLM keeps in a table of budgets. */
export type BudgetTable = Omit<LimitsAnswer, "models" | "max_documents">;

export function budgetTable(limits: LimitsAnswer): BudgetTable {
  return {
    rpm_limit: limits.rpm_limit,
    tpm_limit: limits.tpm_limit,
    dpm_limit: limits.dpm_limit,
    max_parallel_requests: limits.max_parallel_requests,
    max_budget: limits.max_budget,
    soft_budget: limits.soft_budget,
    budget_duration: limits.budget_duration,
    budget_time_zone: limits.budget_time_zone,
    budget_id: limits.budget_id,
    budget_reset_at: limits.budget_reset_at,
  };
}

function resetOf({ budget_duration, budget_time_zone, budget_since: since }: LimitColumns): string | null {
  if (budget_duration === null) return null;
  const timeZone = budget_time_zone ?? "UTC";
  return instant(windowOf({ duration: budget_duration, timeZone, since }, Date.now()).end);
}

export interface WrittenAnswer {
  readonly created_at: string;
  readonly created_by: string;
  readonly updated_at: string;
  readonly updated_by: string;
}

interface WrittenColumns {
  readonly created_at: number;
  readonly created_by: string;
  readonly updated_at: number;
  readonly updated_by: string;
}

export function writtenAnswer(row: WrittenColumns): WrittenAnswer {
  return {
    created_at: new Date(row.created_at).toISOString(),
    created_by: row.created_by,
    updated_at: new Date(row.updated_at).toISOString(),
    updated_by: row.updated_by,
  };
}

export interface DescribedAnswer extends WrittenAnswer {
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly tags: readonly string[];
  readonly blocked: boolean;
}

interface DescribedColumns extends WrittenColumns {
  readonly metadata: string;
  readonly tags: string;
  readonly blocked: number;
}

export function describedAnswer(row: DescribedColumns): DescribedAnswer {
  return { metadata: object(row.metadata), tags: texts(row.tags), blocked: row.blocked !== 0, ...writtenAnswer(row) };
}

export function instant(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

/** The texts of a list in a column; none where another release wrote something else. */
export function texts(json: string | null): readonly string[] {
  const value = parse(json);
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

function object(json: string | null): Readonly<Record<string, unknown>> {
  const value = parse(json);
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function parse(json: string | null): unknown {
  if (json === null) return null;
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}
