import { element } from "../../browser/element.ts";
import { dollars } from "../../parts/amounts.ts";
import { type BudgetUse, useOf } from "../state/budget-words.ts";
import type { Limited } from "../objects/limits.ts";

/** What was spent, and of how much: with a bar where there is a budget. */
export function spendMeter({
  spend,
  budget,
  softBudget,
}: Pick<Limited, "spend" | "budget" | "softBudget">): HTMLElement {
  if (budget === undefined)
    return element("span", { class: "spend" }, dollars(spend), element("small", {}, "no budget"));
  const use = useOf(spend, budget, softBudget);
  const bar = element("span", { class: "bar", "aria-hidden": "true" }, element("span"));
  bar.style.setProperty("--length", String(use.share));
  return element(
    "span",
    { class: "spend", "data-use": use.state },
    `${dollars(spend)} of ${dollars(budget)}`,
    bar,
    ...(use.state === "open" ? [] : [element("small", {}, words[use.state])]),
  );
}

const words = { open: "", warned: "nearly spent", spent: "spent" } as const satisfies Record<
  BudgetUse["state"],
  string
>;
