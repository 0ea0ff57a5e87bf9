import { commandGroup } from "../../command-line/command-group.ts";
import { keysCreate } from "../../commands/keys-create.ts";
import { Failure } from "../../errors.ts";
import type { ManagedProxy } from "../ask-proxy.ts";
import { budget, count, field, limitNames, limits, money, state, time, writtenNames } from "../columns.ts";
import { type Fields, describedFields, duration, limitFields, name, priority } from "../fields.ts";
import { listCommand } from "../list-command.ts";
import { type Subject, objectCommand } from "../object-command.ts";
import { type Row, innerOf, readRows, textOf } from "../rows.ts";
import { hashOfKey } from "../spend/spend-filters.ts";

const owners: Fields = {
  team: name("team_id", "TEAM", "its team, which must exist"),
  user: name("user_id", "USER", "its user, who must exist"),
  organization: name("organization_id", "ORGANIZATION", "its organization, where it has no team"),
};

const aliasField = name("key_alias", "NAME", "what people, logs and metrics call it; no two keys have the same");

const keyFields: Fields = {
  ...owners,
  duration: duration("duration", "how long it lets somebody in from now on (for ever)"),
  ...limitFields,
  priority,
  ...describedFields,
};

const sentAs = hashOfKey;

const byAlias: NonNullable<Subject["byOption"]> = {
  fields: { alias: name("key_alias", "NAME", "the key of this alias") },
  async find(proxy: ManagedProxy, { key_alias: alias }: Row): Promise<readonly string[]> {
    const given = { key_alias: alias, return_full_object: true };
    const [found] = readRows(await proxy.ask("GET", "/key/list", given), "keys", "the proxy");
    if (found) return [textOf(found, "token")];
    throw new Failure(`no key that you may see has the alias ${String(alias)}; dheera_ai keys list has them`);
  },
};

const oneKey: Subject = { operand: "KEY", parameter: "key", number: "one", byOption: byAlias, sentAs };
const ownKey: Subject = { ...oneKey, number: "at most one" };

export const keyColumns = [
  field("alias", "key_alias"),
  field("key", "key_name"),
  field("team", "team_id"),
  state,
  money("spend", "spend"),
  budget,
  field("user", "user_id"),
  time("expires", "expires"),
  ...limits,
  field("organization", "organization_id"),
  count("parallel", "max_parallel_requests"),
  time("created", "created_at"),
  field("hash", "token"),
];

const show = (row: Row) => [{ row }];

const list = listCommand({
  name: "keys list",
  summary: "List the keys in the database of a running proxy",
  path: "/key/list",
  parameters: { return_full_object: true },
  field: "keys",
  pageSize: "size",
  id: "token",
  filters: {
    team: name("team_id", "TEAM", "those of this team"),
    user: name("user_id", "USER", "those of this user"),
    organization: name("organization_id", "ORGANIZATION", "those of this organization"),
    alias: name("key_alias", "NAME", "the one of this alias"),
    search: name("search", "TEXT", "those whose alias or shown end of the key has this in it"),
  },
  columns: keyColumns,
  fields: [
    "token",
    "key_name",
    "key_alias",
    "team_id",
    "user_id",
    "organization_id",
    "expires",
    ...limitNames,
    "priority",
    "read_metrics",
    "last_rotation_at",
    "token_id",
    ...writtenNames,
  ],
  none: "No keys. dheera_ai keys generate makes one.",
  examples: [
    "dheera_ai keys list --api_base http://localhost:4000 --team research",
    "dheera_ai keys list --api_base http://localhost:4000 --csv > keys.csv",
  ],
});

const info = objectCommand({
  name: "keys info",
  summary: "Say what a key may do and what it has spent; without KEY, the key that asks",
  method: "GET",
  path: "/key/info",
  subject: ownKey,
  fields: {},
  show: (answer) => [{ row: innerOf(answer, "info") }],
  examples: ["dheera_ai keys info --alias search-api --api_base http://localhost:4000"],
});

const shownOnce = "The key is shown only now; the database has its SHA-256.";

const generate = objectCommand({
  name: "keys generate",
  summary: "Make a key in the database of a running proxy; --quiet prints it alone",
  method: "POST",
  path: "/key/generate",
  fields: { alias: aliasField, ...keyFields },
  quiet: (answer) => textOf(answer, "key"),
  show: ({ key, token, ...others }) => [{ row: { key, hash: token, ...others } }],
  note: () => shownOnce,
  examples: [
    "dheera_ai keys generate --alias search-api --team research --duration 90d --api_base http://localhost:4000",
    "KEY=$(dheera_ai keys generate --team research --quiet --api_base http://localhost:4000)",
  ],
});

const update = objectCommand({
  name: "keys update",
  summary: "Change what a key may do, or whose it is",
  method: "POST",
  path: "/key/update",
  subject: oneKey,
  fields: { new_alias: aliasField, ...keyFields },
  isChange: true,
  show,
  examples: [
    "dheera_ai keys update --alias search-api --max_budget 50 --clear rpm_limit --api_base http://localhost:4000",
  ],
});

const block = objectCommand({
  name: "keys block",
  summary: "Let nobody in with a key, on every replica within two seconds",
  method: "POST",
  path: "/key/block",
  subject: oneKey,
  fields: {},
  show,
  examples: ["dheera_ai keys block --alias search-api --api_base http://localhost:4000"],
});

const unblock = objectCommand({
  name: "keys unblock",
  summary: "Let a blocked key in again",
  method: "POST",
  path: "/key/unblock",
  subject: oneKey,
  fields: {},
  show,
  examples: ["dheera_ai keys unblock --alias search-api --api_base http://localhost:4000"],
});

const rotate = objectCommand({
  name: "keys rotate",
  summary: "Make a new key in place of one, with its limits and spend; without KEY, of the key that asks",
  method: "POST",
  path: "/key/regenerate",
  subject: ownKey,
  fields: { grace_period: duration("grace_period", "how long the old one is let in beside the new one (not at all)") },
  quiet: (answer) => textOf(answer, "key"),
  show: ({ key, token, ...others }) => [{ row: { key, hash: token, ...others } }],
  note: () => shownOnce,
  examples: ["dheera_ai keys rotate --alias search-api --grace_period 24h --api_base http://localhost:4000"],
});

const remove = objectCommand({
  name: "keys delete",
  summary: "Delete keys; what they spent stays in the reports",
  method: "POST",
  path: "/key/delete",
  subject: { operand: "KEY", parameter: "keys", number: "any", byOption: byAlias, sentAs },
  fields: {},
  question: (given) => (given.length === 1 ? "Delete this key?" : `Delete these ${given.length} keys?`),
  show: (answer) => [{ row: answer }],
  examples: ["dheera_ai keys delete --alias search-api --api_base http://localhost:4000"],
});

export const keys = commandGroup({
  name: "keys",
  summary: "Create a key for the configuration (create), or manage those of a database (the others)",
  actions: [keysCreate, list, info, generate, update, block, unblock, rotate, remove],
  examples: [
    "dheera_ai keys create --name search-team",
    "dheera_ai keys generate --alias search-api --team research --api_base http://localhost:4000",
  ],
});
