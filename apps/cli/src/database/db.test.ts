import { access } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { migrate, openDatabase, openSecrets, placeInModel } from "@dheera-ai/teams";
import { describe, expect, it } from "vitest";

import { createFolder } from "../../../../test/support/temporary-folder.ts";
import { describeOnEachDatabase } from "../../../../packages/teams/src/testing/each-database.ts";
import { runInProcess } from "../testing/run-in-process.ts";

const sample = fileURLToPath(new URL("../../../../packages/teams/src/import/fixtures/litellm.sql", import.meta.url));

describeOnEachDatabase("dheera_ai db", ({ kind, createDatabase, server }) => {
  const engine = kind === "postgresql" ? /^PostgreSQL \d/ : /^SQLite 3\./;

  it("says what is to be done on an empty database, makes the tables, and then says that all is done", async () => {
    const url = await createDatabase();
    if (kind === "sqlite") await emptyFile(url);
    const before = await runInProcess(["db", "status", "--database_url", url]);
    expect(before.code).toBe(3);
    expect(JSON.parse(before.stdout)).toEqual({
      server: expect.stringMatching(engine),
      is_supported: true,
      applied: [],
      pending: expect.arrayContaining(["0001-first-tables"]),
      newer: [],
    });

    const made = await runInProcess(["db", "migrate", "--database_url", url]);
    expect(made).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(made.stdout).made).toContain("0001-first-tables");

    const after = await runInProcess(["db", "status", "--database_url", url]);
    expect(after.code).toBe(0);
    expect(JSON.parse(after.stdout)).toMatchObject({ applied: JSON.parse(made.stdout).made, pending: [] });
    const again = await runInProcess(["db", "migrate", "--database_url", url]);
    expect(again.code).toBe(0);
    expect(JSON.parse(again.stdout).made).toEqual([]);
  });

  it("says on a terminal which steps are made and what to do next", async () => {
    const url = await createDatabase();
    if (kind === "sqlite") await emptyFile(url);
    const environment = { DATABASE: url };
    const options = { interactive: true, environment };
    const before = await runInProcess(["db", "status", "--database_url", "os.environ/DATABASE"], options);
    expect(before.stdout).toMatch(engine);
    expect(before.stdout).toMatch(/^0001-first-tables +pending$/m);
    expect(before.stdout).toContain("dheera_ai db migrate");
    const made = await runInProcess(["db", "migrate", "--database_url", "os.environ/DATABASE"], options);
    expect(made.stdout).toMatch(/^0001-first-tables +made now$/m);
    const after = await runInProcess(["db", "status", "--database_url", "os.environ/DATABASE"], options);
    expect(after.stdout).toMatch(/^0001-first-tables +made$/m);
    expect(after.stdout).toContain("The tables are up to date.");
  });

  it("names steps of a newer release, beside which this one runs", async () => {
    const url = await createDatabase();
    const database = await openDatabase(url);
    await migrate(database, { "9999-of-a-newer-release": { up: () => Promise.resolve() } });
    await database.close();
    expect((await runInProcess(["db", "migrate", "--database_url", url])).code).toBe(0);
    const status = await runInProcess(["db", "status", "--database_url", url], { interactive: true });
    expect(status.code).toBe(0);
    expect(status.stdout).toMatch(/^9999-of-a-newer-release +made by a newer release$/m);
  });

  it("imports what LiteLLM's database had, after it has said what that would be", async () => {
    const args = ["db", "import-litellm", sample, "--database_url", await createDatabase()];
    const dry = await runInProcess([...args, "--dry_run"], { interactive: true, width: 200 });
    // One key of the sample is of a team that it does not have.
    expect(dry.code).toBe(1);
    expect(dry.stdout).toMatch(/^kind +would be imported +there already$/m);
    expect(dry.stdout).toContain("key orphan: team_id: there is no team gone; create it first");
    expect(dry.stdout).toMatch(/^LiteLLM_SpendLogs, 2 rows: the history of requests begins anew/m);
    const made = await runInProcess(args);
    expect(JSON.parse(made.stdout)).toMatchObject({ dry_run: false, counts: { team: { imported: 2, kept: 0 } } });
    const again = await runInProcess(args);
    expect(JSON.parse(again.stdout)).toMatchObject({ counts: { team: { imported: 0, kept: 2 } } });
  });

  it("encrypts secrets with the current key, and says which it cannot", async () => {
    const url = await createDatabase();
    const database = await openDatabase(url);
    await migrate(database);
    const stores = [
      ["one", { DHEERA_AI_SALT_KEY: "the-first-key-of-all" }],
      ["other", { DHEERA_AI_SALT_KEY: "a-key-that-was-lost-since" }],
    ] as const;
    for (const [model_id, environment] of stores) {
      const secret = (await openSecrets(environment)).encrypt("sk-hidden", placeInModel(model_id, "api_key"));
      const params = JSON.stringify({ api_key: secret });
      const by = { created_at: 0, created_by: "", updated_at: 0, updated_by: "" };
      const row = { model_id, model_name: model_id, params, info: "{}", blocked: 0, ...by };
      await database.db.insertInto("dheera_models").values(row).execute();
    }
    await database.close();
    const environment = {
      DHEERA_AI_SALT_KEY: "the-second-key-of-all",
      DHEERA_AI_PREVIOUS_SALT_KEYS: "the-first-key-of-all",
    };
    const { code, stdout, stderr } = await runInProcess(["db", "reencrypt", "--database_url", url], { environment });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ reencrypted: 1, current: 0, failures: [expect.any(String)] });
    expect(stderr).toContain("dheera_models/other/api_key");
    expect(stdout + stderr).not.toContain("hidden");
    const without = await runInProcess(["db", "reencrypt", "--database_url", url]);
    expect(without.code).not.toBe(0);
    expect(without.stderr).toContain("DHEERA_AI_SALT_KEY");
  });

  if (kind === "postgresql")
    it("says why the database cannot be used, without its password", async () => {
      const url = await createDatabase();
      await server().kill();
      const { code, stdout, stderr } = await runInProcess(["db", "status", "--database_url", url]);
      await server().start();
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      expect(stderr).toContain("ECONNREFUSED");
      expect(stderr).not.toContain("secret");
    });
});

describe("dheera_ai db", () => {
  it("encrypts with the key that the configuration names in environment_variables, as its proxy does", async () => {
    await using folder = await createFolder({
      "config.yaml": `${models}environment_variables: { DHEERA_AI_SALT_KEY: os.environ/KEY_OF_THE_FILE }
general_settings: { database_url: os.environ/DATABASE, master_key: sk-of-this-test }
`,
    });
    const environment = {
      DATABASE: `sqlite:${join(folder.path, "teams.db")}`,
      KEY_OF_THE_FILE: "a-key-that-the-file-names",
    };
    const args = ["--config", join(folder.path, "config.yaml")];
    expect((await runInProcess(["db", "migrate", ...args], { environment })).code).toBe(0);
    const { code, stdout, stderr } = await runInProcess(["db", "reencrypt", ...args], { environment });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toEqual({ reencrypted: 0, current: 0, failures: [] });
  });

  it("finds the database in a configuration, and says where one has none", async () => {
    await using folder = await createFolder({
      "none.yaml": models,
      "config.yaml": `${models}general_settings: { database_url: os.environ/DATABASE, master_key: sk-of-this-test }\n`,
    });
    const environment = { DATABASE: `sqlite:${join(folder.path, "teams.db")}` };
    const config = join(folder.path, "config.yaml");
    expect((await runInProcess(["db", "migrate", "--config", config], { environment })).code).toBe(0);
    expect((await runInProcess(["db", "status", "--config", config], { environment })).code).toBe(0);
    const without = await runInProcess(["db", "status", "--config", join(folder.path, "none.yaml")]);
    expect(without.code).toBe(2);
    expect(without.stderr).toContain("general_settings.database_url");
  });

  it("makes no file only to say how it is, or what would be imported", async () => {
    await using folder = await createFolder();
    const file = join(folder.path, "teams.db");
    const { code, stderr } = await runInProcess(["db", "status", "--database_url", `sqlite:${file}`]);
    expect(code).toBe(3);
    expect(stderr).toContain("dheera_ai db migrate");
    await runInProcess(["db", "import-litellm", sample, "--dry_run", "--database_url", `sqlite:${file}`]);
    await expect(access(file)).rejects.toThrow("ENOENT");
  });

  it.each([
    [["db"], "status"],
    [["db", "status"], "--database_url"],
    [["db", "mirgate"], "mirgate"],
    [["db", "import-litellm", "--database_url", "sqlite:a.db"], "pg_dump"],
    [["db", "import-litellm", "/nowhere/litellm.sql", "--database_url", "sqlite:a.db"], "/nowhere/litellm.sql"],
    [["db", "status", "--database_url", "mysql://root:hidden@host/db"], "postgresql://"],
    [["db", "status", "--database_url", "os.environ/NOT_SET"], "NOT_SET"],
    [["db", "migrate", "--database_url", "sqlite:a.db", "--config", "config.yaml"], "give one"],
  ])("refuses %j, and says what is wrong", async (args, named) => {
    const { code, stdout, stderr } = await runInProcess(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(named);
    expect(stderr).not.toContain("hidden");
  });
});

const models = "model_list: [{ model_name: bm25, dheera_ai_params: { model: bm25/default } }]\n";

/** What a database of SQLite is before its first table: a file without a byte. */
async function emptyFile(url: string): Promise<void> {
  const database = await openDatabase(url);
  await database.db.introspection.getTables();
  await database.close();
}
