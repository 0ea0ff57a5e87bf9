import type { BudgetRow } from "@dheera-ai/teams";

import { ifSome } from "../../management/if-some.ts";
import { listedRows } from "../../management/rows/bounded-rows.ts";
import { budgetAnswer } from "../../management/answers/budget-answer.ts";
import {
  budgetBody,
  budgetChangeBody,
  budgetColumns,
  budgetsBody,
  newBudgetBody,
} from "../../management/bodies/budget-bodies.ts";
import type { Call } from "../../management/call.ts";
import { NotFound } from "../../management/not-found.ts";

/** `POST /budget/new`; the same once more gives the same budget. */
export async function newBudget(call: Call): Promise<object> {
  const { budget_id: id, ...fields } = await call.body(newBudgetBody);
  call.authorize("create", { kind: "budget" });
  const values = { ...budgetColumns(fields), ...(typeof id === "string" && { budget_id: id }) };
  return budgetAnswer(await call.teams.stores.budgets.create(call.actor, values));
}

/** `POST /budget/update`. */
export async function updateBudget(call: Call): Promise<object> {
  const { budget_id: id, ...fields } = await call.body(budgetChangeBody);
  call.authorize("limit", { kind: "budget" });
  await find(call, id, "budget_id");
  return budgetAnswer(await call.teams.stores.budgets.update(call.actor, id, budgetColumns(fields)));
}

/** `POST /budget/info`: those of the ids that there are. */
export async function budgetInfo(call: Call): Promise<object> {
  const { budgets: ids } = await call.body(budgetsBody);
  call.authorize("read", { kind: "budget" });
  const rows = await Promise.all(ids.map((id) => call.teams.stores.budgets.get(id)));
  return rows.flatMap((row) => (row ? [budgetAnswer(row)] : []));
}

/** `GET /budget/list`: the latest thousand; with `page` or `page_size`, a page. */
export async function listBudgets(call: Call): Promise<object> {
  call.authorize("read", { kind: "budget" });
  const filter = ifSome("search", call.query.text("search", 200));
  return (await listedRows(call, "budgets", call.teams.stores.budgets, filter)).map(budgetAnswer);
}

/** `GET /budget/settings`: what a budget may say, and what this one says. */
export async function budgetSettings(call: Call): Promise<object> {
  call.authorize("read", { kind: "budget" });
  const budget = budgetAnswer(await find(call, call.query.needed("budget_id"), "budget_id"));
  return Object.entries(settings).map(([name, [type, description]]) => ({
    field_name: name,
    field_type: type,
    field_description: description,
    field_value: Reflect.get(budget, name) ?? null,
    stored_in_db: true,
    field_default_value: null,
  }));
}

const settings = {
  max_budget: ["Float", "US dollars that may be spent in each budget_duration."],
  soft_budget: ["Float", "US dollars from which is warned."],
  budget_duration: ["String", "After which time the budget begins anew, an hour at least: 24h, 30d, 1mo."],
  budget_time_zone: ["String", "IANA name of the time zone in which days and months begin."],
  max_parallel_requests: ["Integer", "Requests at one time, in each process."],
  rpm_limit: ["Integer", "Requests a minute."],
  tpm_limit: ["Integer", "Tokens a minute."],
  dpm_limit: ["Integer", "Documents a minute."],
} as const satisfies Partial<Record<keyof BudgetRow, readonly [string, string]>>;

/** `POST /budget/delete`. */
export async function deleteBudget(call: Call): Promise<object> {
  const { id } = await call.body(budgetBody);
  call.authorize("delete", { kind: "budget" });
  const row = await find(call, id, "id");
  await call.teams.stores.budgets.remove(call.actor, [id]);
  return budgetAnswer(row);
}

/** @throws NotFound */
async function find({ teams }: Call, id: string, field: string): Promise<BudgetRow> {
  const row = await teams.stores.budgets.get(id);
  if (!row) throw new NotFound(field, "this budget");
  return row;
}
