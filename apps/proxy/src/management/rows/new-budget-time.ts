interface BudgetTime {
  readonly budget_duration: string | null;
  readonly budget_time_zone: string | null;
}

/** When the first time of a budget began, where a change gives it another rhythm: now. */
export function newBudgetTime(
  row: BudgetTime,
  changes: { readonly [Name in keyof BudgetTime]?: BudgetTime[Name] | undefined },
): { readonly budget_since?: number } {
  const { budget_duration: duration = row.budget_duration } = changes;
  return duration === row.budget_duration ? {} : { budget_since: Date.now() };
}
