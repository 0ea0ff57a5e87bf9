import { commandGroup } from "../../command-line/command-group.ts";
import { budget, field, limitNames, limits, money, state, time, writtenNames } from "../columns.ts";
import { type Fields, describedFields, limitFields, name } from "../fields.ts";
import { listCommand } from "../list-command.ts";
import { type Subject, objectCommand } from "../object-command.ts";
import { type Row, innerOf, rowsOf, textOf } from "../rows.ts";
import { keyColumns } from "./keys.ts";
import { addMember, memberColumns, removeMember, updateMember } from "./members.ts";

const one: Subject = { operand: "TEAM", parameter: "team_id", number: "one" };

const fields: Fields = {
  alias: name("team_alias", "NAME", "what people call it"),
  organization: name("organization_id", "ORGANIZATION", "its organization, which must exist"),
  ...limitFields,
  ...describedFields,
};

const show = (answer: Row) => [{ row: innerOf(answer, "data") }];

const list = listCommand({
  name: "teams list",
  summary: "List teams",
  path: "/v2/team/list",
  field: "teams",
  pageSize: "page_size",
  id: "team_id",
  filters: {
    user: name("user_id", "USER", "those that this user is a member of"),
    organization: name("organization_id", "ORGANIZATION", "those of this organization"),
    alias: name("team_alias", "NAME", "those of this alias"),
    search: name("search", "TEXT", "those whose id or alias has this in it"),
  },
  columns: [
    field("team", "team_id"),
    field("alias", "team_alias"),
    { heading: "members", align: "right", of: (row) => String(rowsOf(row, "members_with_roles").length) },
    state,
    money("spend", "spend"),
    budget,
    ...limits,
    field("organization", "organization_id"),
    time("created", "created_at"),
  ],
  fields: ["team_id", "team_alias", "organization_id", "members_with_roles", ...limitNames, ...writtenNames],
  none: "No teams. dheera_ai teams new makes one.",
  examples: ["dheera_ai teams list --search research --api_base http://localhost:4000"],
});

const info = objectCommand({
  name: "teams info",
  summary: "Say what a team may do and has spent, with its members and keys",
  method: "GET",
  path: "/team/info",
  subject: one,
  fields: {},
  show: (answer) => [
    { row: innerOf(answer, "team_info") },
    { title: "Members", columns: memberColumns, rows: rowsOf(answer, "team_memberships") },
    { title: "Keys", columns: keyColumns.filter(({ heading }) => heading !== "team"), rows: rowsOf(answer, "keys") },
  ],
  examples: ["dheera_ai teams info research --api_base http://localhost:4000"],
});

const create = objectCommand({
  name: "teams new",
  summary: "Make a team; the same once more gives the same team",
  method: "POST",
  path: "/team/new",
  subject: { ...one, number: "at most one" },
  fields,
  quiet: (answer) => textOf(answer, "team_id"),
  show,
  examples: [
    "dheera_ai teams new research --models bm25 --rpm_limit 600 --max_budget 100 --budget_duration 1mo --api_base http://localhost:4000",
  ],
});

const update = objectCommand({
  name: "teams update",
  summary: "Change what a team may do",
  method: "POST",
  path: "/team/update",
  subject: one,
  fields,
  isChange: true,
  show,
  examples: ["dheera_ai teams update research --max_budget 200 --clear rpm_limit --api_base http://localhost:4000"],
});

const block = objectCommand({
  name: "teams block",
  summary: "Let nobody in with keys of a team, on every replica within two seconds",
  method: "POST",
  path: "/team/block",
  subject: one,
  fields: {},
  show,
  examples: ["dheera_ai teams block research --api_base http://localhost:4000"],
});

const unblock = objectCommand({
  name: "teams unblock",
  summary: "Let a blocked team in again",
  method: "POST",
  path: "/team/unblock",
  subject: one,
  fields: {},
  show,
  examples: ["dheera_ai teams unblock research --api_base http://localhost:4000"],
});

const remove = objectCommand({
  name: "teams delete",
  summary: "Delete teams with their keys; what they spent stays in the reports",
  method: "POST",
  path: "/team/delete",
  subject: { operand: "TEAM", parameter: "team_ids", number: "any" },
  fields: {},
  question: (given) => `Delete ${given.join(", ")} with all keys of theirs?`,
  show: (answer) => [{ row: answer }],
  examples: ["dheera_ai teams delete research --api_base http://localhost:4000"],
});

export const teams = commandGroup({
  name: "teams",
  summary: "Manage teams and their members in the database of a running proxy",
  actions: [list, info, create, update, block, unblock, remove, addMember, updateMember, removeMember],
  examples: [
    "dheera_ai teams new research --max_budget 100 --budget_duration 1mo --api_base http://localhost:4000",
    "dheera_ai teams list --api_base http://localhost:4000",
  ],
});
