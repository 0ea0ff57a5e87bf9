/** How often a budget begins anew, with what that is called: what forms offer. */
export const budgetDurations = {
  "": "once and for all",
  "24h": "each day",
  "7d": "every 7 days",
  "30d": "every 30 days",
  "1mo": "each calendar month",
} as const satisfies Record<string, string>;

/** `each calendar month` for `1mo`, `every 90m` for what no form offers. */
export function durationWords(duration: string | undefined): string {
  const known: Readonly<Record<string, string>> = budgetDurations;
  const key = duration ?? "";
  return Object.hasOwn(known, key) ? (known[key] ?? "") : `every ${key}`;
}

export type BudgetState = "open" | "warned" | "spent";

/** How far a budget is used up, for a meter and for words. */
export interface BudgetUse {
  /** From 0 to 1. */
  readonly share: number;
  readonly state: BudgetState;
}

/** @param soft US dollars from which is warned; nine tenths of the budget when absent */
export function useOf(spend: number, budget: number, soft: number = budget * 0.9): BudgetUse {
  const share = budget > 0 ? Math.min(1, Math.max(0, spend / budget)) : 1;
  if (spend >= budget) return { share: 1, state: "spent" };
  return { share, state: spend >= soft ? "warned" : "open" };
}
