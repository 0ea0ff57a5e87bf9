import type { BudgetRow, LimitColumns } from "../database/tables.ts";
import { toNanodollars } from "../money.ts";
import type { Given } from "../objects/stores.ts";
import type { OwnerKind } from "../owners.ts";
import { lengthOf, windowOf } from "../spending/budgets/window.ts";
import { type ColumnReader, readColumns } from "./column-reader.ts";
import type { ExportedRow, ImportedTable } from "./exported.ts";
import type { LeftOutList } from "./left-out.ts";
import type { PlannedSpent } from "./plan.ts";

/** Reads the limits, models and budget of an owner, and notes what it has spent. */
export type LimitReader = (kind: OwnerKind, id: string, table: ImportedTable, row: ColumnReader) => Given<LimitColumns>;

/**
 * The time of a budget begins here so that it ends when LiteLLM's does, and what was spent in it counts here; where LiteLLM's time has
 * ended since the export, nothing of it does.
 */
export function budgetReader(
  exportedBudgets: readonly ExportedRow[],
  budgets: readonly (Given<BudgetRow> & { readonly budget_id: string })[],
  spent: PlannedSpent[],
  leftOut: LeftOutList,
  now: number,
): LimitReader {
  const shared = new Map(
    budgets.map((budget, at) => {
      const row = readColumns("LiteLLM_BudgetTable", exportedBudgets[at] ?? {});
      return [budget.budget_id, { budget, reset: row.time("budget_reset_at"), models: row.list("allowed_models") }];
    }),
  );
  return (kind, id, table, row) => {
    const budget_id = row.text("budget_id");
    const common = shared.get(budget_id ?? "");
    const own = durationOf(row.text("budget_duration"), table, leftOut);
    const [max, soft] = [row.number("max_budget"), row.number("soft_budget")];
    const isLimited = [max, soft, common?.budget.max_budget, common?.budget.soft_budget].some(
      (amount) => amount !== null && amount !== undefined,
    );
    const duration = own ?? durationOf(common?.budget.budget_duration ?? null, "LiteLLM_BudgetTable", leftOut);
    const ends = row.time("budget_reset_at") ?? common?.reset ?? null;
    const since = duration !== null && ends !== null ? ends - lengthOf(duration) : (row.time("created_at") ?? now);
    // What a member may use is with its budget; with others' budgets LiteLLM ignores it.
    const ofMember = kind === "member" ? (common?.models ?? []) : [];
    const amount = toNanodollars(row.number("spend") ?? 0);
    const isRunning = duration === null || !isLimited || ends === null || ends > now;
    if (amount > 0 && isRunning)
      spent.push({
        kind,
        id,
        windowStart: isLimited && duration !== null ? windowOf({ since, duration }, now).start : 0,
        spent: amount,
      });
    return {
      models: modelsOf([...row.list("models"), ...row.list("access_group_ids"), ...ofMember]),
      rpm_limit: row.number("rpm_limit"),
      tpm_limit: row.number("tpm_limit"),
      max_parallel_requests: row.number("max_parallel_requests"),
      max_budget: max,
      soft_budget: soft,
      budget_duration: own,
      budget_since: since,
      budget_id,
    };
  };
}

/** Names of access groups stay among the models, where they allow nothing: without them an empty list would allow all. */
function modelsOf(named: readonly string[]): string | null {
  return named.length === 0 ? null : JSON.stringify(named);
}

/** Without a time the budget never begins anew: it allows less, and somebody will ask. */
function durationOf(duration: string | null, table: ImportedTable, leftOut: LeftOutList): string | null {
  if (duration === null) return null;
  try {
    lengthOf(duration);
    return duration;
  } catch {
    leftOut.add(table, "budget_duration", "is no duration here (24h, 30d, 1mo): the budget counts once and for all");
    return null;
  }
}
