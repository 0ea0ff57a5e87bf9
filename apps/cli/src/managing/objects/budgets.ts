import { commandGroup } from "../../command-line/command-group.ts";
import { count, field, money, time } from "../columns.ts";
import { budgetFields } from "../fields.ts";
import { listCommand } from "../list-command.ts";
import { type Subject, objectCommand } from "../object-command.ts";
import { type Row, textOf } from "../rows.ts";

const one: Subject = { operand: "BUDGET", parameter: "budget_id", number: "one" };

const show = (row: Row) => [{ row }];

const list = listCommand({
  name: "budgets list",
  summary: "List budgets that several may share the values of",
  path: "/budget/list",
  pageSize: "page_size",
  id: "budget_id",
  filters: {},
  columns: [
    field("budget", "budget_id"),
    money("most", "max_budget"),
    money("warn at", "soft_budget"),
    field("anew after", "budget_duration"),
    field("time zone", "budget_time_zone"),
    count("rpm", "rpm_limit"),
    count("tpm", "tpm_limit"),
    count("dpm", "dpm_limit"),
    count("parallel", "max_parallel_requests"),
    time("created", "created_at"),
  ],
  fields: [
    "budget_id",
    "max_budget",
    "soft_budget",
    "budget_duration",
    "budget_time_zone",
    "rpm_limit",
    "tpm_limit",
    "dpm_limit",
    "max_parallel_requests",
    "created_at",
    "created_by",
    "updated_at",
    "updated_by",
  ],
  none: "No budgets. dheera_ai budgets new makes one.",
  examples: ["dheera_ai budgets list --api_base http://localhost:4000"],
});

const info = objectCommand({
  name: "budgets info",
  summary: "Say what budgets allow",
  method: "POST",
  path: "/budget/info",
  subject: { operand: "BUDGET", parameter: "budgets", number: "any" },
  fields: {},
  show,
  examples: ["dheera_ai budgets info small --api_base http://localhost:4000"],
});

const create = objectCommand({
  name: "budgets new",
  summary: "Make a budget; whoever has it (--budget) spends for themselves",
  method: "POST",
  path: "/budget/new",
  subject: { ...one, number: "at most one" },
  fields: budgetFields,
  quiet: (answer) => textOf(answer, "budget_id"),
  show,
  examples: ["dheera_ai budgets new small --max_budget 10 --budget_duration 1mo --api_base http://localhost:4000"],
});

const update = objectCommand({
  name: "budgets update",
  summary: "Change a budget for all that have it",
  method: "POST",
  path: "/budget/update",
  subject: one,
  fields: budgetFields,
  isChange: true,
  show,
  examples: ["dheera_ai budgets update small --max_budget 20 --api_base http://localhost:4000"],
});

const remove = objectCommand({
  name: "budgets delete",
  summary: "Delete a budget; whoever has it goes on without its values",
  method: "POST",
  path: "/budget/delete",
  subject: { operand: "BUDGET", parameter: "id", number: "one" },
  fields: {},
  question: ([given]) => `Delete the budget ${given}? Its values then limit nobody.`,
  show,
  examples: ["dheera_ai budgets delete small --api_base http://localhost:4000"],
});

export const budgets = commandGroup({
  name: "budgets",
  summary: "Manage budgets that keys, teams and users share, in the database of a running proxy",
  actions: [list, info, create, update, remove],
  examples: ["dheera_ai budgets new small --max_budget 10 --budget_duration 1mo --api_base http://localhost:4000"],
});
