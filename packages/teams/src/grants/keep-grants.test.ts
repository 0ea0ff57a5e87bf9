import { isDheeraError } from "@dheera-ai/core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { eventually } from "../../../../test/support/eventually.ts";
import { type PostgresqlServer, startPostgresqlServer } from "../../../../test/support/postgresql-server.ts";
import { needs } from "../../../../test/support/programs.ts";
import { hashOfKey } from "../objects/key-text.ts";
import { describeOnEachDatabase } from "../testing/each-database.ts";
import { openedTeams } from "../testing/opened-teams.ts";
import type { Teams } from "../teams.ts";
import type { ChangeFeed } from "./change-feed.ts";
import { keepGrants } from "./keep-grants.ts";

const master = { name: "master" };
const stranger = hashOfKey("sk-that-nobody-has");

describe("grants while the database is away", needs("postgresql"), () => {
  let server: PostgresqlServer;
  beforeAll(async () => {
    server = await startPostgresqlServer();
  });
  afterEach(async () => {
    await server.kill();
    await server.start();
  });
  afterAll(() => server.stop());

  it("let known keys in where that is wanted, and nobody else, until it is back", async () => {
    await using teams = await openedTeams(await server.createDatabase(), { allow_requests_on_db_unavailable: true });
    const hash = await knownKey(teams);
    const owners = await teams.grants.ownersOf({ teamId: "research" });
    const begun = Date.now();
    await server.kill();
    await eventually(() => teams.trouble).toMatchObject({ reason: expect.stringMatching(/ECONNREFUSED|terminat/) });
    expect(teams.trouble?.since).toBeGreaterThanOrEqual(begun);
    expect(JSON.stringify(teams.trouble)).not.toContain("secret");
    expect(await teams.grants.find(hash)).toMatchObject({ name: "laptop" });
    expect(await teams.grants.ownersOf({ teamId: "research" })).toEqual(owners);
    await eventually(() => codeOf(teams.grants.find, stranger)).toBe("unavailable");
    expect(await codeOf(() => teams.stores.keys.create(master, {}), "")).toBe("unavailable");
    // Longer than what was read counts by itself.
    await eventually(() => stays(() => teams.grants.find(hash))).toBe(true);
    await server.start();
    await eventually(() => teams.trouble).toBeUndefined();
    expect(await teams.grants.find(stranger)).toBeUndefined();
    await teams.stores.keys.block(master, hash, true);
    expect(await teams.grants.find(hash)).toMatchObject({ blocked: "this key" });
  });

  it("let nobody in where that is not wanted, as soon as what they know may be old", async () => {
    await using teams = await openedTeams(await server.createDatabase(), { allow_requests_on_db_unavailable: false });
    const hash = await knownKey(teams);
    await server.kill();
    await eventually(() => codeOf(teams.grants.find, hash)).toBe("unavailable");
    await server.start();
    await eventually(() => codeOf(teams.grants.find, hash)).toBeUndefined();
  });

  it("let nobody in after the time of grace", async () => {
    await using teams = await openedTeams(await server.createDatabase(), {
      allow_requests_on_db_unavailable: true,
      db_unavailable_grace: 2,
    });
    const hash = await knownKey(teams);
    await server.kill();
    await eventually(() => teams.trouble).toBeDefined();
    expect(await codeOf(teams.grants.find, hash)).toBeUndefined();
    await eventually(() => codeOf(teams.grants.find, hash)).toBe("unavailable");
  });

  it("let known keys in while the database hangs, and go on when it is restarted", async () => {
    await using teams = await openedTeams(await server.createDatabase(), { allow_requests_on_db_unavailable: true });
    const hash = await knownKey(teams);
    await server.freeze();
    await eventually(() => stays(() => teams.grants.find(hash))).toBe(true);
    expect(await codeOf(teams.grants.find, hash)).toBeUndefined();
    await server.restart();
    await eventually(() => codeOf(teams.grants.find, stranger)).toBeUndefined();
    expect(teams.trouble).toBeUndefined();
  });

  it("hear of changes that were made while they heard nothing", async () => {
    const url = await server.createDatabase();
    await using one = await openedTeams(url, { allow_requests_on_db_unavailable: true });
    const hash = await knownKey(one);
    await server.restart();
    await using other = await openedTeams(url);
    await other.stores.teams.update(master, "research", { blocked: 1 });
    await eventually(() => one.grants.find(hash)).toMatchObject({ blocked: "the team research" });
  });

  it("close in time while the database hangs", async () => {
    const teams = await openedTeams(await server.createDatabase());
    await server.freeze();
    await teams.close();
    await teams.close();
  });
});

describeOnEachDatabase("grants", ({ createDatabase }) => {
  it("take the columns of a shared budget where an owner has none of its own", async () => {
    await using teams = await openedTeams(await createDatabase());
    const { stores, grants } = teams;
    await stores.budgets.create(master, {
      budget_id: "shared",
      max_budget: 10,
      soft_budget: 8,
      budget_duration: "1mo",
      budget_time_zone: "Europe/Berlin",
      rpm_limit: 10,
      tpm_limit: 1000,
      max_parallel_requests: 3,
    });
    const { row } = await stores.keys.create(master, {
      budget_id: "shared",
      max_budget: 2,
      rpm_limit: 4,
      dpm_limit: 50,
    });
    expect(await grants.find(row.key_hash)).toMatchObject({
      owners: [
        {
          limits: { rpm: 4, dpm: 50, tpm: 1000, maxParallelRequests: 3 },
          budget: { max: 2, soft: 8, duration: "1mo", timeZone: "Europe/Berlin", since: row.budget_since },
        },
      ],
    });
    await stores.budgets.update(master, "shared", { tpm_limit: 5 });
    expect(await grants.find(row.key_hash)).toMatchObject({ owners: [{ limits: { rpm: 4, tpm: 5 } }] });
  });

  it.each([
    [null, null, undefined],
    ["[]", "[]", undefined],
    ['["*"]', '["all-proxy-models"]', undefined],
    ['["a"]', null, ["a"]],
    ['["a","b"]', '["b","c"]', ["b"]],
    ['["a"]', '["b"]', []],
    ["not a list", null, []],
  ])("allow models %s of a key and %s of its team: %j", async (ofKey, ofTeam, allowed) => {
    await using teams = await openedTeams(await createDatabase());
    await teams.stores.teams.create(master, { team_id: "research", models: ofTeam });
    const { row } = await teams.stores.keys.create(master, { team_id: "research", models: ofKey });
    expect((await teams.grants.find(row.key_hash))?.models).toEqual(allowed);
  });

  it("know the owners of a key of the file, also those who come later", async () => {
    await using teams = await openedTeams(await createDatabase());
    const { stores, grants } = teams;
    expect(await grants.ownersOf({ teamId: "research", userId: "ada" })).toEqual([]);
    await stores.teams.create(master, { team_id: "research" });
    await stores.users.create(master, { user_id: "ada" });
    await stores.members.set(master, "research", "ada", { rpm_limit: 1 });
    expect(await grants.ownersOf({ teamId: "research", userId: "ada" })).toMatchObject([
      { kind: "member", id: "research/ada", limits: { rpm: 1 } },
      { kind: "user", id: "ada" },
      { kind: "team", id: "research" },
    ]);
    await stores.members.remove(master, "research", ["ada"]);
    expect(await grants.ownersOf({ teamId: "research", userId: "ada" })).toHaveLength(2);
  });

  it("answer everybody else who asks at once with an id that cannot be in any database", async () => {
    await using teams = await openedTeams(await createDatabase());
    await teams.stores.users.create(master, { user_id: "good" });
    const [good, ...odd] = await Promise.allSettled(
      [{ userId: "good" }, { userId: "a\0" }, { teamId: "a\0" }].map((key) =>
        Promise.resolve(teams.grants.ownersOf(key)),
      ),
    );
    expect(good).toMatchObject({ status: "fulfilled", value: [{ kind: "user", id: "good" }] });
    // Who names what cannot be there is told by whoever asks that it is not there.
    for (const one of odd) expect(one).toMatchObject({ status: "fulfilled", value: [] });
    // The limits of the user hold, whatever team they name.
    expect(await teams.grants.ownersOf({ userId: "good", teamId: "\0" })).toMatchObject([{ kind: "user", id: "good" }]);
  });

  it("keep known keys in memory, however many keys somebody tries", async () => {
    await using teams = await openedTeams(await createDatabase());
    const { grants } = teams;
    const hash = await knownKey(teams);
    await grants.ownersOf({ teamId: "research" });
    for (let tried = 0; tried < 21_000; tried += 500) {
      const hashes = Array.from({ length: 500 }, (_, number) => hashOfKey(`sk-tried-${tried + number}`));
      const found = await Promise.all(hashes.map((one) => grants.find(one)));
      expect(found.every((grant) => grant === undefined)).toBe(true);
    }
    const atOnce: boolean[] = [];
    await eventually(() => {
      // Memory counts while the changes are followed, which what is in another memory shows.
      if (stays(() => grants.ownersOf({ teamId: "research" }))) atOnce.push(stays(() => grants.find(hash)));
      return atOnce.length > 0;
    }).toBe(true);
    expect(atOnce[0]).toBe(true);
  });

  it("find a key that is not known, and hear that there is none, while changes are slow to come", async () => {
    await using teams = await openedTeams(await createDatabase());
    const feed: ChangeFeed = {
      isFresh: false,
      staleFor: 5_000,
      catchUp: () => new Promise(() => {}),
      subscribe: () => () => {},
      close: () => {},
    };
    const grants = keepGrants(teams.database, feed, { goOn: true, grace: 60 });
    expect(await grants.find(await knownKey(teams))).toMatchObject({ name: "laptop" });
    expect(await grants.find(stranger)).toBeUndefined();
    const { row } = await teams.stores.keys.create(master, { key_alias: "new" }, "sk-that-nobody-has");
    expect(await grants.find(row.key_hash)).toMatchObject({ name: "new" });
    expect(await grants.ownersOf({ teamId: "research" })).toMatchObject([{ kind: "team", id: "research" }]);
  });

  it("hear of a block from the database itself while changes are slow to come", async () => {
    await using teams = await openedTeams(await createDatabase());
    let isFresh = true;
    const feed: ChangeFeed = {
      get isFresh() {
        return isFresh;
      },
      staleFor: 5_000,
      catchUp: () => new Promise(() => {}),
      subscribe: () => () => {},
      close: () => {},
    };
    const grants = keepGrants(teams.database, feed, { goOn: true, grace: 60 });
    const hash = await knownKey(teams);
    expect((await grants.find(hash))?.blocked).toBeUndefined();
    await teams.stores.keys.block(master, hash, true);
    isFresh = false;
    expect(await grants.find(hash)).toMatchObject({ blocked: "this key" });
  });

  it("say when a key expires", async () => {
    await using teams = await openedTeams(await createDatabase());
    const { row } = await teams.stores.keys.create(master, { expires: 5 });
    expect(await teams.grants.find(row.key_hash)).toMatchObject({ expires: 5 });
  });
});

async function knownKey({ stores, grants }: Teams): Promise<string> {
  await stores.teams.create(master, { team_id: "research" });
  const { row } = await stores.keys.create(master, { key_alias: "laptop", team_id: "research" });
  expect(await grants.find(row.key_hash)).toMatchObject({ name: "laptop" });
  return row.key_hash;
}

/** The code of the error, where there is one. */
async function codeOf(find: (hash: string) => unknown, hash: string): Promise<string | undefined> {
  try {
    await find(hash);
    return undefined;
  } catch (error) {
    return isDheeraError(error) ? error.code : String(error);
  }
}

/** Whether the answer is there at once, without asking the database. */
function stays(find: () => unknown): boolean {
  return !(find() instanceof Promise);
}
