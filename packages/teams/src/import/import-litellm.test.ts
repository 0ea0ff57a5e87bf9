import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

import { createFolder } from "../../../../test/support/temporary-folder.ts";
import { type Database, openDatabase } from "../database/open-database.ts";
import { hashOfKey } from "../objects/key-text.ts";
import { describeOnEachDatabase } from "../testing/each-database.ts";
import { openedTeams } from "../testing/opened-teams.ts";
import { importLitellm } from "./import-litellm.ts";
import { readExport } from "./read-export.ts";

const sample = fileURLToPath(new URL("fixtures/litellm.sql", import.meta.url));
/** When the sample is imported: after some of its times are over. */
const now = Date.UTC(2026, 10, 27, 12);
const searchKey = hashOfKey("sk-research-of-litellm");
const blockedKey = hashOfKey("sk-blocked-of-litellm");

describeOnEachDatabase("an import of LiteLLM's database", ({ createDatabase }) => {
  it("makes its teams, users and keys, which go on with what they had and have spent", async () => {
    const url = await createDatabase();
    const result = await importSample(url);
    expect(result.counts).toEqual({
      budget: { imported: 2, kept: 0 },
      organization: { imported: 1, kept: 0 },
      // With two that only a team and a key name.
      user: { imported: 5, kept: 0 },
      team: { imported: 2, kept: 0 },
      member: { imported: 2, kept: 0 },
      key: { imported: 2, kept: 0 },
    });
    expect(result.refused).toEqual([
      { kind: "key", name: "orphan", reason: "team_id: there is no team gone; create it first" },
    ]);

    await using teams = await openedTeams(url);
    const { stores, grants, database } = teams;
    expect(await stores.teams.get("research")).toMatchObject({
      team_alias: "Research\tand development",
      organization_id: "acme",
      models: '["rerank-large","rerank, \\"small\\""]',
      max_budget: 100,
      soft_budget: 80,
      budget_duration: "30d",
      budget_since: Date.UTC(2026, 10, 5),
      rpm_limit: 600,
      tpm_limit: 200_000,
      max_parallel_requests: 8,
      tags: '["lab"]',
      metadata: "{}",
      blocked: 0,
    });
    expect(await stores.teams.get("sales")).toMatchObject({ blocked: 1, models: null, max_budget: null });
    expect(await stores.organizations.get("acme")).toMatchObject({
      organization_alias: "Acme Search",
      budget_id: "budget-of-acme",
      metadata: '{"cost_center":"4711"}',
    });
    expect(await stores.users.get("ops")).toMatchObject({ user_role: "proxy_admin", models: '["no-default-models"]' });
    expect(await stores.users.get("old")).toMatchObject({ user_role: "internal_user" });
    expect((await stores.members.ofTeam("research")).map(({ user_id, role }) => [user_id, role]).toSorted()).toEqual([
      ["ada", "admin"],
      ["grace", "user"],
    ]);
    expect(await stores.members.ofUser("ada")).toMatchObject([
      { budget_id: "budget-of-members", models: '["rerank-large","rerank, small"]' },
    ]);
    expect(await stores.keys.get(searchKey)).toMatchObject({
      key_alias: "search-api",
      key_name: "sk-...ellm",
      team_id: "research",
      user_id: "ada",
      organization_id: "acme",
      rpm_limit: 120,
      max_budget: 50,
      budget_duration: "24h",
      tags: '["search","eu"]',
      metadata: '{"owner":"Ada"}',
      expires: null,
      previous_hash: hashOfKey("sk-former-of-litellm"),
      previous_until: Date.UTC(2026, 10, 30),
    });
    expect(await stores.keys.get(blockedKey)).toMatchObject({
      key_alias: `search-api (${blockedKey.slice(0, 8)})`,
      blocked: 1,
      expires: Date.UTC(2027, 0, 1),
      // The access group's name allows nothing, and no more is allowed without it.
      models: '["rerank-large","premium"]',
    });
    const grant = await grants.find(searchKey);
    expect(grant?.owners.map(({ kind }) => kind)).toEqual(["key", "member", "user", "team", "organization"]);
    expect((await stores.audit.list({ kind: "key" }, { page: 1, size: 10 })).rows).toMatchObject([
      { action: "imported", actor: "import-litellm" },
      { action: "imported", actor: "import-litellm" },
    ]);

    expect(await spentIn(database)).toEqual([
      ["key", searchKey, Date.UTC(2026, 10, 27, 6), 12_500_000_000],
      ["member", "research/ada", 0, 2_500_000_000],
      ["organization", "acme", Date.UTC(2026, 10, 11), 123_456_789_000],
      ["team", "research", Date.UTC(2026, 10, 5), 42_500_000_000],
      ["team", "sales", 0, 3_000_000_000],
      // The month of ada's budget is over.
    ]);
  });

  it("says what has no place here and what to do, and shows no secret of it", async () => {
    const { leftOut } = await importSample(await createDatabase());
    const said = leftOut.map(({ table, column, rows }) => `${[table, column].filter(Boolean).join(".")} ${rows}`);
    expect(said.toSorted()).toEqual([
      "LiteLLM_SpendLogs 2",
      "LiteLLM_TeamTable.metadata.logging 1",
      "LiteLLM_TeamTable.model_max_budget 1",
      "LiteLLM_UserTable.models 1",
      "LiteLLM_UserTable.organization_id 1",
      "LiteLLM_UserTable.sso_user_id 1",
      "LiteLLM_UserTable.user_role 1",
      "LiteLLM_VerificationToken 1",
      "LiteLLM_VerificationToken 1",
      "LiteLLM_VerificationToken 1",
      "LiteLLM_VerificationToken.access_group_ids 1",
      "LiteLLM_VerificationToken.allowed_routes 2",
    ]);
    expect(JSON.stringify(leftOut)).not.toContain("hidden");
  });

  it("changes nothing when it is repeated, whatever was spent and changed meanwhile", async () => {
    const url = await createDatabase();
    await importSample(url);
    await using teams = await openedTeams(url);
    await teams.stores.teams.update({ name: "master" }, "research", { rpm_limit: 5 });
    await teams.database.db.updateTable("dheera_spent").set({ spent: 1 }).execute();
    const changes = await countOf(teams.database);
    const again = await importSample(url);
    expect(again.counts.key).toEqual({ imported: 0, kept: 2 });
    expect(again.counts.member).toEqual({ imported: 0, kept: 2 });
    expect(again.counts.user).toEqual({ imported: 0, kept: 5 });
    expect(await countOf(teams.database)).toBe(changes);
    expect(await teams.stores.teams.get("research")).toMatchObject({ rpm_limit: 5 });
    expect((await spentIn(teams.database)).map(([, , , spent]) => spent)).toEqual([1, 1, 1, 1, 1]);
  });

  it("says before what it would do, and leaves not even tables behind", async () => {
    const url = await createDatabase();
    const dry = await importSample(url, true);
    const database = await openDatabase(url);
    expect(await database.db.introspection.getTables()).toEqual([]);
    await database.close();
    expect(await importSample(url)).toEqual(dry);
  });
});

describe("an export of LiteLLM's database", () => {
  it("says the same as CSV and as JSON", async () => {
    const { tables } = await readExport([sample]);
    await using folder = await createFolder({
      "all.json": JSON.stringify(tables),
      "LiteLLM_TeamTable.json": JSON.stringify(tables.LiteLLM_TeamTable.map(withJsonValues)),
      "public.LiteLLM_VerificationToken.csv": csvOf(tables.LiteLLM_VerificationToken),
    });
    expect((await readExport([join(folder.path, "all.json")])).tables).toEqual(tables);
    const csv = await readExport([join(folder.path, "public.LiteLLM_VerificationToken.csv")]);
    expect(csv.tables.LiteLLM_VerificationToken).toEqual(tables.LiteLLM_VerificationToken);

    const fromSql = await imported({ ...tables });
    const fromJson = await imported({
      ...tables,
      LiteLLM_TeamTable: (await readExport([join(folder.path, "LiteLLM_TeamTable.json")])).tables.LiteLLM_TeamTable,
    });
    expect(fromJson).toEqual(fromSql);
  });

  it.each([
    ["dump.sql", "PGDMP\u0001\u000E", "pg_restore"],
    ["dump.sql.gz", "\u001F\u008B\b", "gunzip"],
    ["dump.sql", 'INSERT INTO public."LiteLLM_TeamTable" VALUES (1);\n', "--inserts"],
    ["dump.sql", "select 1;\n", "COPY"],
    ["dump.sql", 'COPY public."LiteLLM_TeamTable" (team_id) FROM stdin;\nresearch\n', "not whole"],
    ["dump.sql", 'COPY public."LiteLLM_TeamTable" (team_id, team_alias) FROM stdin;\nresearch\n\\.\n', "1 cells"],
    ["teams.csv", "team_id\nresearch\n", "LiteLLM_TeamTable.csv"],
    ["LiteLLM_TeamTable.csv", 'team_id\n"research\n', "no CSV"],
    ["LiteLLM_TeamTable.json", '[{"team_id": "hidden', "no JSON"],
    ["LiteLLM_TeamTable.json", '["hidden"]', "list of rows"],
  ])("that cannot be read is refused: %s, %j", async (name, content, said) => {
    await using folder = await createFolder();
    const path = join(folder.path, name);
    await writeFile(path, content, "latin1");
    const refused: unknown = await readExport([path]).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "invalid_request", message: expect.stringContaining(said) });
    expect(String(refused)).not.toContain("hidden");
  });

  it("names the table and column of a value that is none", async () => {
    const tables = { LiteLLM_TeamTable: [{ team_id: "research", max_budget: "hidden" }] };
    const refused: unknown = await imported(tables).catch((error: unknown) => error);
    expect(refused).toMatchObject({ message: "LiteLLM_TeamTable.max_budget: must be a number" });
  });
});

async function importSample(url: string, isDry = false) {
  const database = await openDatabase(url);
  try {
    return await importLitellm(database, await readExport([sample]), { isDry, now });
  } finally {
    await database.close();
  }
}

/** What the tables become in a database of their own. */
async function imported(tables: object) {
  await using folder = await createFolder({ "all.json": JSON.stringify(tables) });
  const database = await openDatabase("sqlite::memory:");
  try {
    await importLitellm(database, await readExport([join(folder.path, "all.json")]), { isDry: false, now });
    const columns = [
      "team_id",
      "team_alias",
      "models",
      "tags",
      "metadata",
      "blocked",
      "max_budget",
      "budget_since",
    ] as const;
    return await database.db.selectFrom("dheera_teams").select(columns).orderBy("team_id").execute();
  } finally {
    await database.close();
  }
}

async function spentIn({ db }: Database) {
  const rows = await db.selectFrom("dheera_spent").selectAll().execute();
  return rows
    .map(({ owner_kind, owner_id, window_start, spent }) => [owner_kind, owner_id, window_start, spent] as const)
    .toSorted(([one, id], [other, otherId]) => (`${one} ${id}` < `${other} ${otherId}` ? -1 : 1));
}

async function countOf({ db }: Database): Promise<unknown> {
  return (await db.selectFrom("dheera_changes").selectAll().execute()).length;
}

/** As `row_to_json` of PostgreSQL writes what `COPY` writes as text. */
function withJsonValues(row: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return {
    ...row,
    models: row["models"] === "{}" ? [] : ["rerank-large", 'rerank, "small"'],
    max_budget: row["max_budget"] === null ? null : Number(row["max_budget"]),
    blocked: row["blocked"] === "t",
    metadata: JSON.parse(String(row["metadata"])),
    members_with_roles: JSON.parse(String(row["members_with_roles"])),
    budget_reset_at: row["budget_reset_at"] === null ? null : String(row["budget_reset_at"]).replace(" ", "T"),
  };
}

function csvOf(rows: readonly Readonly<Record<string, unknown>>[]): string {
  const quoted = (value: unknown): string => (value === null ? "" : `"${String(value).replaceAll('"', '""')}"`);
  const columns = Object.keys(rows[0] ?? {});
  return [columns, ...rows.map((row) => columns.map((column) => quoted(row[column])))]
    .map((row) => row.join())
    .join("\n");
}
