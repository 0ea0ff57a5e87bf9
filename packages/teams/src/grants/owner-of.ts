import type { BudgetRow, LimitColumns } from "../database/tables.ts";
import type { Budget, Limits, Owner, OwnerKind } from "../owners.ts";

/** Where columns of its own are absent, those of the budget that it shares count. */
export function ownerOf(
  kind: OwnerKind,
  id: string,
  name: string,
  row: LimitColumns & { readonly blocked?: number },
  budgets: ReadonlyMap<string, BudgetRow>,
): Owner {
  const shared = budgets.get(row.budget_id ?? "");
  const budget = budgetOf(row, shared);
  const models = modelsOf(row.models);
  return {
    kind,
    id,
    name,
    limits: limitsOf(row, shared),
    ...(budget && { budget }),
    ...(models && { models }),
    ...(row.blocked === 1 && { isBlocked: true }),
  };
}

function limitsOf(row: LimitColumns, shared: BudgetRow | undefined): Limits {
  const rpm = row.rpm_limit ?? shared?.rpm_limit ?? undefined;
  const dpm = row.dpm_limit ?? shared?.dpm_limit ?? undefined;
  const tpm = row.tpm_limit ?? shared?.tpm_limit ?? undefined;
  const maxParallelRequests = row.max_parallel_requests ?? shared?.max_parallel_requests ?? undefined;
  const maxDocuments = row.max_documents ?? undefined;
  return {
    ...(rpm !== undefined && { rpm }),
    ...(dpm !== undefined && { dpm }),
    ...(tpm !== undefined && { tpm }),
    ...(maxParallelRequests !== undefined && { maxParallelRequests }),
    ...(maxDocuments !== undefined && { maxDocuments }),
  };
}

type BudgetColumns = Pick<
  LimitColumns,
  "max_budget" | "soft_budget" | "budget_duration" | "budget_time_zone" | "budget_since"
>;

/** @returns undefined where there is none */
export function budgetOf(row: BudgetColumns, shared: BudgetRow | undefined): Budget | undefined {
  const max = row.max_budget ?? shared?.max_budget ?? undefined;
  const soft = row.soft_budget ?? shared?.soft_budget ?? undefined;
  const duration = row.budget_duration ?? shared?.budget_duration ?? undefined;
  const timeZone = row.budget_time_zone ?? shared?.budget_time_zone ?? undefined;
  if (max === undefined && soft === undefined) return undefined;
  return {
    since: row.budget_since,
    ...(max !== undefined && { max }),
    ...(soft !== undefined && { soft }),
    ...(duration !== undefined && { duration }),
    ...(timeZone !== undefined && { timeZone }),
  };
}

/** LiteLLM's words for all that is there. */
const all: ReadonlySet<string> = new Set(["*", "all-proxy-models", "all-team-models"]);

/** An empty list allows all models, as in LiteLLM; one that cannot be read allows none. */
function modelsOf(json: string | null): readonly string[] | undefined {
  if (json === null) return undefined;
  const models = listOf(json);
  if (models === undefined) return [];
  return models.length === 0 || models.some((model) => all.has(model)) ? undefined : models;
}

/** A JSON list of texts; undefined where it is none. */
export function listOf(json: string): readonly string[] | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return Array.isArray(value) && value.every((part) => typeof part === "string") ? value : undefined;
  } catch {
    return undefined;
  }
}
