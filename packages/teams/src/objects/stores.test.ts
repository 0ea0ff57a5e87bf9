import { createHash } from "node:crypto";

import { isDheeraError } from "@dheera-ai/core";
import { expect, it } from "vitest";

import { eventually } from "../../../../test/support/eventually.ts";
import { describeOnEachDatabase } from "../testing/each-database.ts";
import { openedTeams } from "../testing/opened-teams.ts";
import { hashOfKey } from "./key-text.ts";
import type { Stores } from "./stores.ts";

const master = { name: "master" };
const all = { page: 1, size: 100 };

describeOnEachDatabase("stores", ({ createDatabase }) => {
  it("give what is there where the same is created twice, and refuse an id that is taken", async () => {
    await using teams = await openedTeams(await createDatabase());
    const { stores } = teams;
    const made = await stores.teams.create(master, { team_id: "research", rpm_limit: 5 });
    expect(made).toMatchObject({ team_id: "research", rpm_limit: 5, blocked: 0, created_by: "master" });
    expect(await stores.teams.create({ name: "other" }, { team_id: "research", rpm_limit: 5 })).toEqual(made);
    expect(await refused(stores.teams.create(master, { team_id: "research", rpm_limit: 6 }))).toEqual([
      "team_id",
      "team_id: research is taken; give another one, or update it",
    ]);
    const one = await stores.teams.create(master, {});
    const other = await stores.teams.create(master, {});
    expect(one.team_id).not.toBe(other.team_id);
    expect((await stores.audit.list({ kind: "team" }, all)).total).toBe(3);
  });

  it("refuse what another row must have, and what another row has already", async () => {
    await using teams = await openedTeams(await createDatabase());
    const { stores } = teams;
    expect(await refused(stores.keys.create(master, { team_id: "none" }))).toEqual([
      "team_id",
      "team_id: there is no team none; create it first",
    ]);
    expect(await refused(stores.teams.create(master, { organization_id: "none" }))).toContain("organization_id");
    expect(await refused(stores.members.set(master, "none", "ada", {}))).toContain("team_id");
    expect(await refused(stores.users.create(master, { budget_id: "none" }))).toContain("budget_id");
    await stores.keys.create(master, { key_alias: "laptop" });
    expect(await refused(stores.keys.create(master, { key_alias: "laptop" }))).toContain("key_alias");
    await stores.users.create(master, { user_id: "ada", sso_user_id: "https://idp.example|1" });
    expect(await refused(stores.users.create(master, { sso_user_id: "https://idp.example|1" }))).toContain(
      "sso_user_id",
    );
    expect(await refused(stores.users.update(master, "ada", { user_id: "bob" }))).toContain("user_id");
    expect(await refused(stores.users.update(master, "bob", { rpm_limit: 1 }))).toEqual([
      "user_id",
      "user_id: there is no user bob",
    ]);
  });

  it.each([
    ["team_id", { team_id: "a\0b" }],
    ["team_id", { team_id: "a\uD800" }],
    ["team_id", { team_id: "" }],
    ["team_id", { team_id: "x".repeat(256) }],
    ["team_alias", { team_alias: "x".repeat(256) }],
    ["metadata", { metadata: '{"a":"\0"}' }],
    ["rpm_limit", { rpm_limit: 1e300 }],
    ["rpm_limit", { rpm_limit: 0.5 }],
    ["max_parallel_requests", { max_parallel_requests: 2 ** 31 }],
    ["max_budget", { max_budget: Number.NaN }],
    ["max_budget", { max_budget: Infinity }],
  ])("refuse a %s that one of the databases cannot hold: %j", async (column, values) => {
    await using teams = await openedTeams(await createDatabase());
    expect(await refused(teams.stores.teams.create(master, values))).toContain(column);
  });

  it("hold any text and any number that they take as it was given", async () => {
    await using teams = await openedTeams(await createDatabase());
    const values = {
      team_id: "'; drop table dheera_teams; --",
      team_alias: '"😀\u2028\\%_',
      metadata: JSON.stringify({ text: "\n\t\u0007é" }),
      tpm_limit: Number.MAX_SAFE_INTEGER,
      max_budget: 0.1,
      soft_budget: 1e-9,
    };
    await teams.stores.teams.create(master, values);
    expect(await teams.stores.teams.get(values.team_id)).toMatchObject(values);
    expect(await teams.stores.teams.list({ team_alias: values.team_alias }, all)).toMatchObject({ total: 1 });
    expect(await teams.stores.teams.get("a\0b")).toBeUndefined();
  });

  it("remove a row with what cannot be without it, and leave the records of what was spent", async () => {
    await using teams = await openedTeams(await createDatabase());
    const { stores, database } = teams;
    await populate(stores);
    const { row: kept } = await stores.keys.create(master, { key_alias: "of nobody" });
    await database.db
      .insertInto("dheera_spent")
      .values({
        owner_kind: "team",
        owner_id: "research",
        window_start: 0,
        spent: 7,
        warned_at: null,
        exhausted_at: null,
      })
      .execute();
    const heard: string[] = [];
    teams.watch((kind, id) => heard.push(kind === "key" ? kind : `${kind} ${id}`));
    expect(await stores.organizations.remove(master, ["acme", "none", "acme"])).toEqual(["acme"]);
    expect(heard).toEqual(["key", "key", "member research/ada", "team research", "key", "organization acme"]);
    expect((await stores.teams.list({}, all)).total).toBe(0);
    expect((await stores.users.list({}, all)).total).toBe(1);
    expect((await stores.keys.list({}, all)).rows.map(({ key_hash }) => key_hash)).toEqual([kept.key_hash]);
    expect(await database.db.selectFrom("dheera_spent").selectAll().execute()).toEqual([]);
    const { rows } = await stores.audit.list({ kind: "key", actor: "master" }, all);
    expect(rows.filter(({ action }) => action === "deleted")).toHaveLength(3);
  });

  it("remove a user with their keys and memberships", async () => {
    await using teams = await openedTeams(await createDatabase());
    await populate(teams.stores);
    expect(await teams.stores.users.remove(master, ["ada"])).toEqual(["ada"]);
    expect(await teams.stores.members.ofTeam("research")).toEqual([]);
    expect((await teams.stores.keys.list({ user_id: "ada" }, all)).total).toBe(0);
    expect((await teams.stores.keys.list({ team_id: "research" }, all)).total).toBe(1);
  });

  it("keep a budget that is in use, and say who uses it", async () => {
    await using teams = await openedTeams(await createDatabase());
    const { stores } = teams;
    await stores.budgets.create(master, { budget_id: "small", max_budget: 1 });
    await stores.teams.create(master, { team_id: "research", budget_id: "small" });
    expect(await refused(stores.budgets.remove(master, ["small"]))).toEqual([
      "budget_id",
      "budget_id: small is in use by teams; give them another budget first",
    ]);
    await stores.teams.update(master, "research", { budget_id: null });
    expect(await stores.budgets.remove(master, ["small"])).toEqual(["small"]);
  });

  it("keep of a key its hash alone", async () => {
    await using teams = await openedTeams(await createDatabase());
    const { stores, database } = teams;
    const { key, row } = await stores.keys.create(master, {});
    const own = await stores.keys.create(master, {}, "my-own-key-of-16");
    expect(row.key_hash).toBe(createHash("sha256").update(key).digest("hex"));
    expect(row.key_name).toBe(`sk-...${key.slice(-4)}`);
    expect(own.key).toBe("my-own-key-of-16");
    expect(await stores.keys.create(master, {}, "my-own-key-of-16")).toEqual(own);
    for (const wrong of ["too-short", "has a blank in it!", "ümlaut-in-the-key-text", "x".repeat(513)]) {
      const said = await refused(stores.keys.create(master, {}, wrong));
      expect(said).toContain("key");
      expect(said.join()).not.toContain(wrong);
    }
    const stored = await database.db.selectFrom("dheera_audit").selectAll().execute();
    expect(JSON.stringify([stored, await stores.keys.list({}, all)])).not.toMatch(
      new RegExp(`${key.slice(3)}|my-own-key`),
    );
  });

  it("rotate a key: the old one is let in for the time of grace, and its id stays", async () => {
    await using teams = await openedTeams(await createDatabase());
    const { stores, grants } = teams;
    const first = await stores.keys.create(master, { key_alias: "laptop", max_budget: 1 });
    expect(await grants.find(first.row.key_hash)).toMatchObject({ name: "laptop" });
    const second = await stores.keys.rotate(master, first.row.key_hash, 3600);
    expect(second.key).not.toBe(first.key);
    expect(second.row).toMatchObject({
      key_id: first.row.key_id,
      key_alias: "laptop",
      previous_hash: first.row.key_hash,
    });
    const [old, fresh] = [await grants.find(hashOfKey(first.key)), await grants.find(hashOfKey(second.key))];
    expect(fresh).toMatchObject({ keyHash: first.row.key_id, owners: [{ id: first.row.key_id, budget: { max: 1 } }] });
    expect(fresh).not.toHaveProperty("expires");
    expect(old).toEqual({ ...fresh, expires: second.row.previous_until });
    expect(await stores.keys.get(first.row.key_id)).toEqual(second.row);

    const third = await stores.keys.rotate(master, second.row.key_hash, 0);
    expect(await grants.find(hashOfKey(first.key))).toBeUndefined();
    expect(await grants.find(hashOfKey(second.key))).toBeUndefined();
    expect(await grants.find(hashOfKey(third.key))).toMatchObject({ name: "laptop" });
    for (const used of [first.key, third.key])
      expect(await refused(stores.keys.rotate(master, third.row.key_hash, 0, used))).toEqual([
        "key",
        "key: this key was in use before; give another one",
      ]);
    expect(await refused(stores.keys.rotate(master, third.row.key_hash, -1))).toContain("grace_period");
  });

  it("take from who leaves a team the keys that they had for it, and nothing else", async () => {
    await using teams = await openedTeams(await createDatabase());
    const { stores, grants } = teams;
    await populate(stores);
    await stores.teams.create(master, { team_id: "other" });
    await stores.users.create(master, { user_id: "bob" });
    await stores.members.set(master, "research", "ada", { max_budget: 1, models: '["bm25"]' });
    const kept = [
      (await stores.keys.create(master, { user_id: "ada" })).row,
      (await stores.keys.create(master, { user_id: "ada", team_id: "other" })).row,
      (await stores.keys.create(master, { user_id: "bob", team_id: "research" })).row,
      (await stores.keys.create(master, { team_id: "research" })).row,
    ];
    const { rows } = await stores.keys.list({ team_id: "research", user_id: "ada" }, all);
    for (const { key_hash } of rows) expect(await grants.find(key_hash)).toMatchObject({ models: ["bm25"] });
    const heard: string[] = [];
    const stop = teams.watch((kind, id) => heard.push(`${kind} ${id}`));
    expect(await stores.members.remove({ name: "tia" }, "research", ["ada", "bob", "nobody"])).toEqual(["ada"]);
    stop();
    for (const { key_hash, key_id } of rows) {
      expect(await grants.find(key_hash)).toBeUndefined();
      expect(heard).toContain(`key ${key_id}`);
      expect((await stores.audit.list({ object_id: key_id, actor: "tia" }, all)).rows).toMatchObject([
        { action: "deleted", before: expect.stringContaining(key_hash) },
      ]);
    }
    for (const { key_hash } of kept) expect(await grants.find(key_hash)).toBeDefined();
  });

  it("block a key and let it in again, and say so in the audit log", async () => {
    await using teams = await openedTeams(await createDatabase());
    const { stores, grants } = teams;
    const { row } = await stores.keys.create(master, {});
    await stores.keys.block({ name: "ada" }, row.key_hash, true);
    await stores.keys.block({ name: "ada" }, row.key_hash, true);
    expect(await grants.find(row.key_hash)).toMatchObject({ blocked: "this key" });
    await stores.keys.block({ name: "bob" }, row.key_hash, false);
    expect(await grants.find(row.key_hash)).not.toHaveProperty("blocked");
    const { rows } = await stores.audit.list({ object_id: row.key_id }, all);
    expect(rows.map(({ actor, action }) => `${actor} ${action}`).toSorted()).toEqual([
      "ada blocked",
      "bob unblocked",
      "master created",
    ]);
    expect(rows.find(({ action }) => action === "blocked")).toMatchObject({
      before: expect.stringContaining('"blocked":0'),
      after: expect.stringContaining('"blocked":1'),
    });
  });

  it("take no member for another, whatever signs their ids hold", async () => {
    await using teams = await openedTeams(await createDatabase());
    const { stores, grants } = teams;
    const members = [
      { team_id: "a/b", user_id: "c" },
      { team_id: "a", user_id: "b/c" },
      { team_id: "a%2Fb", user_id: "c" },
    ];
    const hashes: string[] = [];
    for (const [index, { team_id, user_id }] of members.entries()) {
      await stores.teams.create(master, { team_id });
      await stores.users.create(master, { user_id });
      await stores.members.set(master, team_id, user_id, { max_budget: index + 1 });
      hashes.push((await stores.keys.create(master, { team_id, user_id })).row.key_hash);
    }
    const found = await Promise.all(hashes.map((hash) => grants.find(hash)));
    const owners = found.map((grant) => grant?.owners.find(({ kind }) => kind === "member"));
    expect(owners.map((owner) => owner?.budget?.max)).toEqual([1, 2, 3]);
    expect(new Set(owners.map((owner) => owner?.id)).size).toBe(3);
  });

  it("let nobody make a key again that was blocked when it was deleted, unless that is asked for", async () => {
    await using teams = await openedTeams(await createDatabase());
    const { stores, grants } = teams;
    const [first, second, third] = ["sk-the-first-of-them", "sk-the-second-of-them", "sk-the-third-of-them"];
    const refusal = ["key", "key: this key was blocked when it was deleted; give another one"];
    await stores.keys.create(master, {}, first);
    const { row } = await stores.keys.rotate(master, hashOfKey(first), 3600, second);
    await stores.keys.block(master, row.key_hash, true);
    await stores.keys.remove(master, [row.key_hash]);
    const other = await stores.keys.create(master, {}, third);
    for (const used of [first, second]) {
      expect(await refused(stores.keys.create(master, {}, used))).toEqual(refusal);
      expect(await refused(stores.keys.rotate(master, other.row.key_hash, 0, used))).toEqual(refusal);
      expect(await refused(stores.keys.adopt(master, hashOfKey(used), {}))).toEqual(refusal);
    }
    await stores.keys.create(master, {}, second, { mayBeBlocked: true });
    expect(await grants.find(hashOfKey(second))).toBeDefined();
    await stores.keys.remove(master, [hashOfKey(second), other.row.key_hash]);
    await stores.keys.create(master, {}, second);
    await stores.keys.create(master, {}, third);

    await stores.users.create(master, { user_id: "ada" });
    await stores.keys.update(master, hashOfKey(third), { user_id: "ada", blocked: 1 });
    await stores.users.remove(master, ["ada"]);
    expect(await refused(stores.keys.create(master, {}, third))).toEqual(refusal);
  });

  it("know who limited a key last, whatever else was changed since", async () => {
    await using teams = await openedTeams(await createDatabase());
    const { keys } = teams.stores;
    const [ada, bob] = [{ name: "ada" }, { name: "bob" }];
    const { row } = await keys.create(ada, { max_budget: 5 });
    const limitedBy = async (): Promise<unknown> => (await keys.get(row.key_hash))?.limited_by;
    expect(await limitedBy()).toBeNull();
    await keys.update(bob, row.key_hash, { key_alias: "laptop", metadata: "{}", tags: '["a"]', max_budget: 5 });
    await keys.block(bob, row.key_hash, true);
    await keys.block(bob, row.key_hash, false);
    expect(await limitedBy()).toBeNull();
    await keys.update(bob, row.key_hash, { max_budget: 0 });
    expect(await limitedBy()).toBe("bob");
    await keys.update(ada, row.key_hash, { key_alias: "desktop" });
    const { key_hash: rotated } = (await keys.rotate(ada, row.key_hash, 0)).row;
    expect((await keys.get(rotated))?.limited_by).toBe("bob");
    await keys.update(ada, rotated, { expires: 1 });
    expect((await keys.get(rotated))?.limited_by).toBe("ada");
  });

  it("take keys of which only the hash is known", async () => {
    await using teams = await openedTeams(await createDatabase());
    const hash = hashOfKey("sk-of-another-gateway");
    const row = await teams.stores.keys.adopt(master, hash, { key_name: "sk-...eway", key_alias: "moved" });
    expect(await teams.stores.keys.adopt(master, hash, { key_name: "sk-...eway", key_alias: "moved" })).toEqual(row);
    expect(await teams.grants.find(hash)).toMatchObject({ name: "moved" });
    expect(await refused(teams.stores.keys.adopt(master, "sk-of-another-gateway", {}))).toContain("token");
    expect((await teams.stores.audit.list({ kind: "key" }, all)).rows).toMatchObject([{ action: "imported" }]);
  });

  it("list pages, newest first, of what a filter leaves", async () => {
    await using teams = await openedTeams(await createDatabase());
    const { stores } = teams;
    await populate(stores);
    for (let number = 0; number < 5; number++) await stores.keys.create(master, { key_alias: `key ${number}` });
    const pages = [1, 2, 3, 4].map((page) => stores.keys.list({}, { page, size: 3 }));
    const found = await Promise.all(pages);
    expect(found.map(({ rows, total }) => [rows.length, total])).toEqual([
      [3, 8],
      [3, 8],
      [2, 8],
      [0, 8],
    ]);
    const rows = found.flatMap(({ rows: page }) => page);
    expect(new Set(rows.map(({ key_hash }) => key_hash)).size).toBe(8);
    expect(rows.map(({ created_at }) => created_at)).toEqual(
      rows.map(({ created_at }) => created_at).toSorted((a, b) => b - a),
    );
    expect(await stores.teams.list({ user_id: "ada" }, all)).toMatchObject({
      total: 1,
      rows: [{ team_id: "research" }],
    });
    expect(await stores.teams.list({ user_id: "ada", team_alias: "other" }, all)).toMatchObject({ total: 0 });
    expect(await stores.users.list({ team_id: "research" }, all)).toMatchObject({ rows: [{ user_id: "ada" }] });
  });

  it("tell every replica of every change in its order, however many write at once", async () => {
    const url = await createDatabase();
    await using one = await openedTeams(url);
    await using other = await openedTeams(url);
    const heard: string[] = [];
    other.watch((_, id) => heard.push(id));
    const names = Array.from({ length: 30 }, (_, number) => `team-${number}`);
    await Promise.all(
      names.map((team_id, number) => (number % 2 === 0 ? one : other).stores.teams.create(master, { team_id })),
    );
    await eventually(() => heard.toSorted()).toEqual(names.toSorted());
    const changes = await one.database.db.selectFrom("dheera_changes").selectAll().orderBy("sequence").execute();
    expect(changes.map(({ sequence }) => sequence)).toEqual(names.map((_, index) => index + 1));
    expect(changes.map(({ id }) => id)).toEqual(heard);
  });

  it("keep secrets out of the audit log", async () => {
    await using teams = await openedTeams(await createDatabase());
    await teams.stores.models.create(master, { model_id: "m", params: '{"api_key":"enc:v1:ab:c2VjcmV0+/=="}' });
    const { rows } = await teams.stores.audit.list({ kind: "model" }, all);
    expect(rows[0]?.after).not.toContain("c2Vj");
    expect(rows[0]?.after).toContain("enc:v1:…");
  });
});

/** An organization with a team, whose member has a key; a key of the team alone, and one of the organization alone. */
async function populate(stores: Stores): Promise<void> {
  await stores.organizations.create(master, { organization_id: "acme" });
  await stores.teams.create(master, { team_id: "research", organization_id: "acme" });
  await stores.users.create(master, { user_id: "ada" });
  await stores.members.set(master, "research", "ada", { role: "admin" });
  await stores.keys.create(master, { team_id: "research", user_id: "ada" });
  await stores.keys.create(master, { team_id: "research" });
  await stores.keys.create(master, { organization_id: "acme" });
}

/** The field and the message of a refusal. */
async function refused(work: Promise<unknown>): Promise<unknown[]> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isDheeraError(error) || error.code !== "invalid_request")
    throw new Error("it was not refused", { cause: error });
  return [error.param, error.message];
}
