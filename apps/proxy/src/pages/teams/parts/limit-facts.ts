import { element } from "../../browser/element.ts";
import { count, dateTime, dollars } from "../../parts/amounts.ts";
import type { Fact } from "../../parts/facts.ts";
import { named } from "../../parts/words.ts";
import type { Limited } from "../objects/limits.ts";
import { durationWords } from "../state/budget-words.ts";
import { spendMeter } from "./meter.ts";

/** What a key, team or user may use, and how much of it is used. */
export function limitFacts(limited: Limited): readonly Fact[] {
  const { budget, budgetDuration, budgetResetsAt, softBudget, models, budgetId } = limited;
  return [
    ["Spent", spendMeter(limited)],
    ...when(budget, () => ["Budget", budgetWords(budgetDuration, budgetResetsAt)] as const),
    ...when(softBudget, (amount) => ["Warns from", dollars(amount)] as const),
    ...(budgetId === undefined ? [] : [["What is not said is as in", named(budgetId)] as const]),
    ["Models", models.length === 0 ? "all" : element("span", { class: "names" }, ...models.map((name) => named(name)))],
    ...when(limited.rpm, (limit) => ["Requests a minute", count(limit)] as const),
    ...when(limited.dpm, (limit) => ["Documents a minute", count(limit)] as const),
    ...when(limited.tpm, (limit) => ["Tokens a minute", count(limit)] as const),
    ...when(limited.parallel, (limit) => ["Requests at one time", count(limit)] as const),
  ];
}

function budgetWords(duration: string | undefined, resetsAt: string | undefined): string {
  if (resetsAt === undefined) return `begins anew: ${durationWords(duration)}`.replace("begins anew: once", "once");
  return `${durationWords(duration)}; anew on ${dateTime(resetsAt)}`;
}

function when(value: number | undefined, fact: (value: number) => Fact): readonly Fact[] {
  return value === undefined ? [] : [fact(value)];
}
