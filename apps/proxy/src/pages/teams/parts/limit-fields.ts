import { element } from "../../browser/element.ts";
import type { Limited } from "../objects/limits.ts";
import { budgetDurations } from "../state/budget-words.ts";
import type { FieldValues } from "../state/form-values.ts";
import { offeredField } from "./offered-field.ts";
import { boxesField, choiceField, fieldRow, textField } from "../../parts/fields.ts";

/** What can be chosen in forms of limits. */
export interface LimitOffers {
  /** Names that are served; absent: nothing is said of models. */
  readonly models?: readonly string[];
  /** Ids of budgets that several may share; a form without any says nothing of them. */
  readonly budgets?: readonly string[];
  /** Whether there are more than these, whose ids can be typed. */
  readonly hasMoreBudgets?: boolean;
}

/** Names of the fields that `limitFields` makes. */
export function limitFieldNames({ models, budgets = [] }: LimitOffers): readonly string[] {
  return [...(models ? ["models"] : []), ...(budgets.length > 0 ? ["budget_id"] : []), ...amounts];
}

const amounts = [
  "max_budget",
  "soft_budget",
  "budget_duration",
  "budget_time_zone",
  "rpm_limit",
  "dpm_limit",
  "tpm_limit",
  "max_parallel_requests",
] as const;

/** What a key, team or user may use and spend. */
export function limitFields(
  { models, budgets = [], hasMoreBudgets = false }: LimitOffers,
  limited?: Limited,
): readonly Node[] {
  return [
    fieldRow(
      textField("max_budget", {
        label: "Budget, US dollars",
        type: "number",
        placeholder: "none",
        value: limited?.budget,
      }),
      choiceField("budget_duration", "Begins anew", Object.entries(budgetDurations), limited?.budgetDuration),
    ),
    ...(models ? [boxesField("models", "Models", "None ticked: all of them.", models, limited?.models ?? [])] : []),
    element(
      "details",
      { ...(hasMore(limited) && { open: "" }) },
      element("summary", {}, "More limits"),
      ...(budgets.length > 0
        ? [
            offeredField(
              "budget_id",
              "What is left empty is as in the budget",
              budgets.map((id) => [id, id] as const).toSorted(([one], [other]) => one.localeCompare(other)),
              hasMoreBudgets,
              limited?.budgetId,
            ),
          ]
        : []),
      fieldRow(
        textField("soft_budget", {
          label: "Warn from, US dollars",
          type: "number",
          placeholder: "90 %",
          value: limited?.softBudget,
        }),
        textField("budget_time_zone", {
          label: "Days and months begin in",
          placeholder: "UTC",
          value: limited?.budgetTimeZone,
          offers: Intl.supportedValuesOf("timeZone"),
        }),
      ),
      fieldRow(
        textField("rpm_limit", { label: "Requests a minute", type: "number", placeholder: "any", value: limited?.rpm }),
        textField("dpm_limit", {
          label: "Documents a minute",
          type: "number",
          placeholder: "any",
          value: limited?.dpm,
        }),
      ),
      fieldRow(
        textField("tpm_limit", { label: "Tokens a minute", type: "number", placeholder: "any", value: limited?.tpm }),
        textField("max_parallel_requests", {
          label: "Requests at one time",
          type: "number",
          placeholder: "any",
          value: limited?.parallel,
        }),
      ),
    ),
  ];
}

/** What the fields hold of an object that there is. */
export function limitValues(limited: Limited): FieldValues {
  return {
    models: limited.models,
    max_budget: limited.budget ?? null,
    soft_budget: limited.softBudget ?? null,
    budget_duration: limited.budgetDuration ?? null,
    budget_time_zone: limited.budgetTimeZone ?? null,
    rpm_limit: limited.rpm ?? null,
    dpm_limit: limited.dpm ?? null,
    tpm_limit: limited.tpm ?? null,
    max_parallel_requests: limited.parallel ?? null,
    budget_id: limited.budgetId ?? null,
  };
}

function hasMore(limited: Limited | undefined): boolean {
  if (!limited) return false;
  const { softBudget, budgetTimeZone, rpm, dpm, tpm, parallel, budgetId } = limited;
  return [softBudget, budgetTimeZone, rpm, dpm, tpm, parallel, budgetId].some((value) => value !== undefined);
}
