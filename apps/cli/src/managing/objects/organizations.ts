import { commandGroup } from "../../command-line/command-group.ts";
import { budget, field, limitNames, limits, money, state, time, writtenNames } from "../columns.ts";
import { type Fields, describedFields, limitFields, name } from "../fields.ts";
import { listCommand } from "../list-command.ts";
import { type Subject, objectCommand } from "../object-command.ts";
import { type Row, rowsOf, textOf } from "../rows.ts";

const one: Subject = { operand: "ORGANIZATION", parameter: "organization_id", number: "one" };

const fields: Fields = {
  alias: name("organization_alias", "NAME", "what people call it"),
  ...limitFields,
  ...describedFields,
};

const show = (row: Row) => [{ row }];

const list = listCommand({
  name: "organizations list",
  summary: "List organizations",
  path: "/organization/list",
  pageSize: "page_size",
  id: "organization_id",
  filters: { alias: name("organization_alias", "NAME", "those of this alias") },
  columns: [
    field("organization", "organization_id"),
    field("alias", "organization_alias"),
    state,
    money("spend", "spend"),
    budget,
    ...limits,
    time("created", "created_at"),
  ],
  fields: ["organization_id", "organization_alias", ...limitNames, ...writtenNames],
  none: "No organizations. dheera_ai organizations new makes one.",
  examples: ["dheera_ai organizations list --api_base http://localhost:4000"],
});

const info = objectCommand({
  name: "organizations info",
  summary: "Say what an organization may do and has spent, with its teams",
  method: "GET",
  path: "/organization/info",
  subject: one,
  fields: {},
  show: (row) => [
    { row },
    {
      title: "Teams",
      columns: [field("team", "team_id"), field("alias", "team_alias"), state, budget, ...limits],
      rows: rowsOf(row, "teams"),
    },
  ],
  examples: ["dheera_ai organizations info acme --api_base http://localhost:4000"],
});

const create = objectCommand({
  name: "organizations new",
  summary: "Make an organization; the same once more gives the same one",
  method: "POST",
  path: "/organization/new",
  subject: { ...one, number: "at most one" },
  fields,
  quiet: (answer) => textOf(answer, "organization_id"),
  show,
  examples: [
    "dheera_ai organizations new acme --max_budget 1000 --budget_duration 1mo --api_base http://localhost:4000",
  ],
});

const update = objectCommand({
  name: "organizations update",
  summary: "Change what an organization may do",
  method: "PATCH",
  path: "/organization/update",
  subject: one,
  fields,
  isChange: true,
  show,
  examples: ["dheera_ai organizations update acme --max_budget 2000 --api_base http://localhost:4000"],
});

const remove = objectCommand({
  name: "organizations delete",
  summary: "Delete organizations with their teams and keys",
  method: "DELETE",
  path: "/organization/delete",
  subject: { operand: "ORGANIZATION", parameter: "organization_ids", number: "any" },
  fields: {},
  question: (given) => `Delete ${given.join(", ")} with all teams and keys of theirs?`,
  show,
  examples: ["dheera_ai organizations delete acme --api_base http://localhost:4000"],
});

export const organizations = commandGroup({
  name: "organizations",
  summary: "Manage organizations, which teams belong to, in the database of a running proxy",
  actions: [list, info, create, update, remove],
  examples: [
    "dheera_ai organizations new acme --max_budget 1000 --budget_duration 1mo --api_base http://localhost:4000",
  ],
});
