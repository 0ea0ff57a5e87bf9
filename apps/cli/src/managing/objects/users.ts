import { commandGroup } from "../../command-line/command-group.ts";
import { budget, field, limitNames, limits, money, state, time, writtenNames } from "../columns.ts";
import { type Fields, choice, describedFields, limitFields, name, names, toggle } from "../fields.ts";
import { listCommand } from "../list-command.ts";
import { type Subject, objectCommand } from "../object-command.ts";
import { type Row, innerOf, rowsOf, textOf } from "../rows.ts";
import { keyColumns } from "./keys.ts";

const one: Subject = { operand: "USER", parameter: "user_id", number: "one" };
const roles = ["proxy_admin", "proxy_admin_viewer", "internal_user", "internal_user_viewer"];

const fields: Fields = {
  alias: name("user_alias", "NAME", "what people call them"),
  email: name("user_email", "ADDRESS", "their address"),
  role: choice("user_role", roles, "what they may do"),
  ...limitFields,
  ...describedFields,
};

const show = (answer: Row) => [{ row: innerOf(answer, "data") }];

const list = listCommand({
  name: "users list",
  summary: "List users",
  path: "/user/list",
  field: "users",
  pageSize: "page_size",
  id: "user_id",
  filters: {
    team: name("team", "TEAM", "members of this team"),
    role: choice("role", roles, "those of this role"),
    email: name("user_email", "ADDRESS", "those of this address"),
    search: name("search", "TEXT", "those whose id, alias or address has this in it"),
  },
  columns: [
    field("user", "user_id"),
    field("email", "user_email"),
    field("role", "user_role"),
    state,
    money("spend", "spend"),
    budget,
    field("alias", "user_alias"),
    field("teams", "teams"),
    ...limits,
    time("created", "created_at"),
  ],
  fields: ["user_id", "user_alias", "user_email", "user_role", "sso_user_id", "teams", ...limitNames, ...writtenNames],
  none: "No users. dheera_ai users new makes one; signing in does, too.",
  examples: ["dheera_ai users list --team research --api_base http://localhost:4000"],
});

const info = objectCommand({
  name: "users info",
  summary: "Say what a user may do and has spent, with keys and teams; without USER, whose key asks",
  method: "GET",
  path: "/user/info",
  subject: { ...one, number: "at most one" },
  fields: {},
  show: (answer) => [
    { row: innerOf(answer, "user_info") },
    { title: "Keys", columns: keyColumns.filter(({ heading }) => heading !== "user"), rows: rowsOf(answer, "keys") },
  ],
  examples: ["dheera_ai users info alice --api_base http://localhost:4000"],
});

const create = objectCommand({
  name: "users new",
  summary: "Make a user; the same once more gives the same user",
  method: "POST",
  path: "/user/new",
  // LiteLLM's API makes a key where nothing is said, which would pass by unseen.
  parameters: { auto_create_key: false },
  subject: { ...one, number: "at most one" },
  fields: {
    ...fields,
    teams: names("teams", "teams that they become a member of, with commas between"),
    create_key: toggle("auto_create_key", "make a key of theirs as well, which is shown once"),
  },
  quiet: (answer) => textOf(answer, "key") || textOf(answer, "user_id"),
  show: ({ key, ...others }) => [{ row: { ...others, key } }],
  note: (answer) => (textOf(answer, "key") === "" ? undefined : "The key is shown only now."),
  examples: [
    "dheera_ai users new alice --email alice@example.com --teams research --api_base http://localhost:4000",
    "dheera_ai users new root --role proxy_admin --create_key --api_base http://localhost:4000",
  ],
});

const update = objectCommand({
  name: "users update",
  summary: "Change what a user may do",
  method: "POST",
  path: "/user/update",
  subject: one,
  fields,
  isChange: true,
  show,
  examples: ["dheera_ai users update alice --role proxy_admin_viewer --api_base http://localhost:4000"],
});

const remove = objectCommand({
  name: "users delete",
  summary: "Delete users with their keys; what they spent stays in the reports",
  method: "POST",
  path: "/user/delete",
  subject: { operand: "USER", parameter: "user_ids", number: "any" },
  fields: {},
  question: (given) => `Delete ${given.join(", ")} with all keys of theirs?`,
  show: (answer) => [{ row: answer }],
  examples: ["dheera_ai users delete alice --api_base http://localhost:4000"],
});

export const users = commandGroup({
  name: "users",
  summary: "Manage users in the database of a running proxy",
  actions: [list, info, create, update, remove],
  examples: ["dheera_ai users new alice --teams research --api_base http://localhost:4000"],
});
