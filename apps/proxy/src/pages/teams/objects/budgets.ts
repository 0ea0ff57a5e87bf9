import * as v from "valibot";

import type { ManagementClient } from "../calls/management-client.ts";
import type { ListQuery, Listed } from "./listed.ts";
import { type Limited, asLimited, limitFields } from "./limits.ts";

/** Limits that several keys, teams or users have alike; each of them spends for itself. */
export interface Budget extends Limited {
  readonly id: string;
}

const budgetObject = v.object({ ...limitFields, budget_id: v.string() });

export async function listBudgets(
  client: ManagementClient,
  { page, size, search }: ListQuery,
): Promise<Listed<Budget>> {
  const query = { page, page_size: size, search };
  const { rows, total } = await client.readPage("budget/list", budgetObject, query);
  return { rows: rows.map((row) => asBudget(row)), total };
}

/** @param values fields of LiteLLM's `/budget/new` */
export async function makeBudget(client: ManagementClient, values: object): Promise<void> {
  await client.change("budget/new", values, v.unknown());
}

export async function updateBudget(client: ManagementClient, { id }: Budget, values: object): Promise<void> {
  await client.change("budget/update", { budget_id: id, ...values }, v.unknown());
}

/** The proxy refuses it while somebody has it. */
export async function deleteBudget(client: ManagementClient, { id }: Budget): Promise<void> {
  await client.change("budget/delete", { id }, v.unknown());
}

function asBudget(given: v.InferOutput<typeof budgetObject>): Budget {
  return { ...asLimited(given), id: given.budget_id };
}
