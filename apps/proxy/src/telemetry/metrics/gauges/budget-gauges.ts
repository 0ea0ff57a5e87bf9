import type { BudgetState, TakeSnapshot } from "../../telemetry.ts";
import type { Instruments } from "../instruments.ts";

/** Shows what is left of budgets at the time of the scrape, as far as this process knows; nothing where there is no database. */
export function addBudgetGauges(instruments: Instruments, takeSnapshot: TakeSnapshot): void {
  // The registry collects metrics in order, so one snapshot at the first one serves them all.
  const gauges = {
    key: pair(instruments, "api_key", ["hashed_api_key", "api_key_alias"], show),
    user: pair(instruments, "user", ["user", "user_alias"]),
    team: pair(instruments, "team", ["team", "team_alias"]),
    organization: pair(instruments, "org", ["org_id", "org_alias"]),
  };

  function show(): void {
    for (const { reset } of Object.values(gauges)) reset();
    for (const budget of takeSnapshot()?.budgets ?? [])
      if (budget.kind !== "member" && budget.kind !== "organization_member") gauges[budget.kind].set(budget);
  }
}

interface Pair {
  reset(): void;
  set(budget: BudgetState): void;
}

function pair<Id extends string, Alias extends string>(
  instruments: Instruments,
  what: "api_key" | "user" | "team" | "org",
  labels: readonly [Id, Alias],
  collect?: () => void,
): Pair {
  // Of several workers the one that has booked the most knows best.
  const remaining = instruments.gauge<string>(`remaining_${what}_budget_metric`, labels, {
    aggregator: "min",
    ...(collect && { collect }),
  });
  const most = instruments.gauge<string>(`${what}_max_budget_metric`, labels, { aggregator: "max" });
  const [ofId, ofAlias] = labels;
  return {
    reset() {
      remaining.reset();
      most.reset();
    },
    set({ id, name, max, remaining: left }) {
      remaining.set({ [ofId]: id, [ofAlias]: name }, left);
      most.set({ [ofId]: id, [ofAlias]: name }, max);
    },
  };
}
