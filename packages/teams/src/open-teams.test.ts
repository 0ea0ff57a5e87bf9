import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { inspect, promisify } from "node:util";

import { expect, it } from "vitest";

import { eventually } from "../../../test/support/eventually.ts";
import { hashOfKey } from "./objects/key-text.ts";
import { describeOnEachDatabase } from "./testing/each-database.ts";
import { openedTeams } from "./testing/opened-teams.ts";

const master = { name: "master" };

describeOnEachDatabase("teams", ({ kind, createDatabase, server }) => {
  it("are not opened where the database is not there, and say why at once", async () => {
    const url = (await createDatabase()).replace(/(test_\d+|teams\.db)$/, "none/none");
    const reason = kind === "sqlite" ? /none\/none: .*(ENOENT|unable to open)/ : /database "none\/none" does not exist/;
    await expect(openedTeams(url)).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(reason),
    });
    await expect(openedTeams(url)).rejects.toThrow("database_url: the database cannot be used: ");
  });

  if (kind === "postgresql")
    it("wait for a database that starts after them, and say so once", async () => {
      const url = await createDatabase();
      await server().kill();
      const warned: unknown[] = [];
      const log = { info() {}, error() {}, warn: (...line: unknown[]) => void warned.push(line) };
      const opening = openedTeams(url, {}, { log });
      await eventually(() => warned).toEqual([
        ["the database is away; waiting for it", { reason: expect.stringContaining("ECONNREFUSED") }],
      ]);
      await server().start();
      await using teams = await opening;
      expect(await teams.stores.teams.list({}, { page: 1, size: 10 })).toEqual({ rows: [], total: 0 });
      expect(warned).toHaveLength(1);
    });

  if (kind === "postgresql")
    it("say that the password is wrong without quoting it", async () => {
      const url = (await createDatabase()).replace(":secret@", ":hunter2@");
      const error: unknown = await openedTeams(url).catch((reason: unknown) => reason);
      expect(inspect(error, { depth: 10 })).toContain("password authentication failed");
      expect(inspect(error, { depth: 10, showHidden: true })).not.toContain("hunter2");
    });

  it("are changed by four processes at once, none of which fails or loses a change", async () => {
    const url = await createDatabase();
    await using teams = await openedTeams(url);
    const program = fileURLToPath(new URL("testing/create-keys.ts", import.meta.url));
    const processes = Array.from({ length: 4 }, (_, number) =>
      promisify(execFile)(process.execPath, ["-C", "source", program, url, `process-${number}`, "25"]),
    );
    expect((await Promise.all(processes)).map(({ stderr }) => stderr)).toEqual(["", "", "", ""]);
    const { total } = await teams.stores.keys.list({}, { page: 1, size: 1 });
    expect(total).toBe(100);
    const changes = await teams.database.db
      .selectFrom("dheera_changes")
      .select("sequence")
      .orderBy("sequence")
      .execute();
    expect(changes.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
  });

  it("let a new key in everywhere at once, and nobody after a block within two seconds", async () => {
    const url = await createDatabase();
    await using one = await openedTeams(url);
    await using other = await openedTeams(url);
    await one.stores.organizations.create(master, { organization_id: "acme", rpm_limit: 100 });
    await one.stores.budgets.create(master, {
      budget_id: "small",
      max_budget: 5,
      budget_duration: "30d",
      rpm_limit: 7,
    });
    await one.stores.teams.create(master, {
      team_id: "research",
      team_alias: "Research",
      organization_id: "acme",
      models: '["a","b"]',
      budget_id: "small",
    });
    await one.stores.users.create(master, { user_id: "ada" });
    await one.stores.members.set(master, "research", "ada", { role: "admin", max_budget: 1 });
    const { key, row } = await one.stores.keys.create(master, {
      key_alias: "laptop",
      team_id: "research",
      user_id: "ada",
      models: '["b","c"]',
      tags: '["nightly"]',
      priority: 2,
    });
    expect(key).toMatch(/^sk-[\w-]{43}$/);
    expect(row.key_hash).toBe(hashOfKey(key));

    const grant = await other.grants.find(hashOfKey(key));
    expect(grant).toMatchObject({
      keyHash: row.key_hash,
      name: "laptop",
      models: ["b"],
      tags: ["nightly"],
      priority: 2,
      owners: [
        { kind: "key", id: row.key_hash, name: "laptop", limits: {}, models: ["b", "c"] },
        { kind: "member", id: "research/ada", limits: {}, budget: { max: 1 } },
        { kind: "user", id: "ada", name: "ada", limits: {} },
        { kind: "team", id: "research", name: "Research", limits: { rpm: 7 }, budget: { max: 5, duration: "30d" } },
        { kind: "organization", id: "acme", limits: { rpm: 100 } },
      ],
    });
    // At once, as soon as the changes were read lately.
    await eventually(() => other.grants.find(hashOfKey(key)) instanceof Promise).toBe(false);

    await one.stores.teams.update(master, "research", { blocked: 1 });
    expect(await one.grants.find(hashOfKey(key))).toMatchObject({ blocked: "the team Research" });
    await eventually(() => other.grants.find(hashOfKey(key))).toMatchObject({ blocked: "the team Research" });
    expect(await one.grants.find(hashOfKey("sk-of-nobody-at-all"))).toBeUndefined();
    await eventually(() => one.grants.find(hashOfKey("sk-of-nobody-at-all")) instanceof Promise).toBe(false);
  });
});
