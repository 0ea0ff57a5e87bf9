import { afterEach, expect, it } from "vitest";

import { type Database, openDatabase } from "../../database/open-database.ts";
import { migrate } from "../../migrations/migrate.ts";
import { describeOnEachDatabase } from "../../testing/each-database.ts";
import { makeSpending } from "../open-spending.ts";
import { makeAnswer, makeOwner, noon } from "../testing/answers.ts";
import { removeOld } from "./retention.ts";

const day = 86_400_000;
const nobody = { info: () => {}, warn: () => {}, error: () => {} };

describeOnEachDatabase("reports", ({ createDatabase }) => {
  const opened: Database[] = [];
  afterEach(async () => {
    for (const database of opened.splice(0)) await database.close();
  });

  async function openWithAnswers(): Promise<{ database: Database; spending: ReturnType<typeof makeSpending> }> {
    const database = await openDatabase(await createDatabase());
    opened.push(database);
    await migrate(database);
    const settings = { database_url: "sqlite::memory:", spend_journal: "" };
    const spending = makeSpending(database, settings, { log: nobody, replicaId: "r", version: "1", now: () => noon });
    for (const [index, given] of [
      { at: noon - 2 * day, key_hash: "a", team_id: "t", cost: 1_000, tags: ["x", "y"] },
      { at: noon - day, key_hash: "a", team_id: "t", cost: 2_000, model: "other", provider: null },
      { at: noon, key_hash: "b", team_id: null, cost: null, status: 502, tags: [] },
      { at: noon + 1, key_hash: "b", team_id: null, cost: 4_000, saved_cost: 300, cache_hits: 2, tags: ["x"] },
    ].entries())
      spending.book(makeAnswer({ request_id: String(index), owners: [makeOwner("key", given.key_hash)], ...given }));
    await spending.flush();
    return { database, spending };
  }

  it("sum what was spent for each day, key, team or model, and for all", async () => {
    const { reports } = (await openWithAnswers()).spending;
    expect((await reports.sums({}, ["day"])).map((sum) => [sum.day, sum.requests, sum.cost])).toEqual([
      ["2026-11-25", 1, 1_000],
      ["2026-11-26", 1, 2_000],
      ["2026-11-27", 2, 4_000],
    ]);
    expect(
      (await reports.sums({}, ["key_hash", "team_id"])).map((sum) => [sum.key_hash, sum.team_id, sum.cost]),
    ).toEqual([
      ["a", "t", 3_000],
      ["b", "", 4_000],
    ]);
    expect(await reports.sums({ from: noon - day, key_hash: "a" }, [])).toEqual([
      {
        requests: 1,
        errors: 0,
        unknown_costs: 0,
        cost: 2_000,
        saved_cost: 0,
        documents: 4,
        tokens: 100,
        cache_hits: 0,
      },
    ]);
    expect(await reports.sums({ from: noon }, [])).toEqual([
      {
        requests: 2,
        errors: 1,
        unknown_costs: 1,
        cost: 4_000,
        saved_cost: 300,
        documents: 8,
        tokens: 200,
        cache_hits: 2,
      },
    ]);
    expect((await reports.sums({ key_hash: ["a", "nobody's"] }, [])).map(({ cost }) => cost)).toEqual([3_000]);
    expect(await reports.sums({ key_hash: [] }, ["day"])).toEqual([]);
    expect((await reports.sums({ model: "nobody's" }, []))[0]).toMatchObject({ requests: 0, cost: 0 });
    expect(await reports.sums({ model: "nobody's" }, ["model"])).toEqual([]);
  });

  it("list single answers by pages, the newest first", async () => {
    const { reports } = (await openWithAnswers()).spending;
    const first = await reports.logs({}, { page: 1, size: 3 });
    expect([first.total, first.rows.map(({ request_id }) => request_id)]).toEqual([4, ["3", "2", "1"]]);
    expect((await reports.logs({}, { page: 2, size: 3 })).rows.map(({ request_id }) => request_id)).toEqual(["0"]);
    const { rows } = await reports.logs({ key_hash: "b", to: noon, call_id: "call" }, { page: 1, size: 10 });
    expect(rows).toEqual([expect.objectContaining({ request_id: "2", cost: null, status: 502, milliseconds: 12.5 })]);
  });

  it("sum for each tag, and say what owners spent", async () => {
    const { reports } = (await openWithAnswers()).spending;
    expect(await reports.tags({ from: noon - 2 * day })).toEqual([
      { tag: "x", requests: 2, cost: 5_000 },
      { tag: "a", requests: 1, cost: 2_000 },
      { tag: "y", requests: 1, cost: 1_000 },
    ]);
    expect((await reports.spent("key", ["a", "b", "c"])).map((row) => [row.owner_id, row.spent])).toEqual([
      ["a", 3_000],
      ["b", 4_000],
    ]);
  });

  it("forget answers of a key or a team when it is asked for, but no sums and no budgets, and say so in the audit log", async () => {
    const { database, spending } = await openWithAnswers();
    const { reports } = spending;
    const left = async () => (await reports.logs({}, { page: 1, size: 10 })).rows.map(({ request_id }) => request_id);
    const sums = await reports.sums({}, ["key_hash"]);
    const spent = await reports.spent("key", ["a", "b"]);
    expect(await spending.remove({ name: "master" }, { kind: "key", id: "b", before: noon + 1 })).toBe(1);
    expect(await left()).toEqual(["3", "1", "0"]);
    const first = spending.remove({ name: "master" }, { kind: "team", id: "t" });
    const meanwhile = spending.remove({ name: "master" }, { kind: "key", id: "b" });
    await expect(meanwhile).rejects.toMatchObject({ code: "unavailable", retryAfter: 10 });
    expect(await first).toBe(2);
    expect(await left()).toEqual(["3"]);
    expect(await spending.remove({ name: "master" }, { kind: "key", id: "b" })).toBe(1);
    expect(await reports.sums({}, ["key_hash"])).toEqual(sums);
    expect(await reports.spent("key", ["a", "b"])).toEqual(spent);
    const audit = await database.db.selectFrom("dheera_audit").selectAll().where("kind", "=", "spend").execute();
    const deleted = { actor: "master", action: "deleted", at: noon };
    expect(audit).toHaveLength(3);
    expect(audit).toContainEqual(
      expect.objectContaining({
        ...deleted,
        object_id: "b",
        after: JSON.stringify({ of: "key", before: new Date(noon + 1).toISOString() }),
      }),
    );
    expect(audit).toContainEqual(
      expect.objectContaining({ ...deleted, object_id: "t", after: JSON.stringify({ of: "team", before: null }) }),
    );
  });

  it("forget what is older than it may be", async () => {
    const { database, spending } = await openWithAnswers();
    expect(await removeOld(database, { logs: 1.5 * day }, noon)).toEqual({ logs: 1, audit: 0 });
    expect((await spending.reports.logs({}, { page: 1, size: 10 })).total).toBe(3);
  });

  it("forget times of budgets that are long over, by portions, but for the last two of each owner", async () => {
    const { database } = await openWithAnswers();
    const rows = (owner_id: string, count: number, last: number) =>
      Array.from({ length: count }, (_, age) => ({
        owner_kind: "team",
        owner_id,
        window_start: last - age * 60_000,
        spent: 1,
        warned_at: null,
        exhausted_at: null,
      }));
    // More than one portion of them.
    const all = [
      ...rows("old", 6_000, noon - 91 * day),
      ...rows("new", 3, noon - 89 * day),
      ...rows("both", 1, noon),
      ...rows("both", 2, noon - 100 * day),
      ...rows("old", 1, 0),
    ];
    while (all.length > 0) await database.db.insertInto("dheera_spent").values(all.splice(0, 1_000)).execute();
    await removeOld(database, {}, noon);
    const left = await database.db
      .selectFrom("dheera_spent")
      .select(["owner_id", "window_start"])
      .where("owner_kind", "=", "team")
      .orderBy("owner_id")
      .orderBy("window_start", "desc")
      .execute();
    expect(left.map(({ owner_id, window_start }) => [owner_id, noon - window_start])).toEqual([
      ["both", 0],
      ["both", 100 * day],
      ["new", 89 * day],
      ["new", 89 * day + 60_000],
      ["new", 89 * day + 120_000],
      ["old", 91 * day],
      ["old", 91 * day + 60_000],
      ["old", noon],
    ]);
  });

  it("forget what the audit log says of a time that is long gone, and nothing else of it", async () => {
    const { database } = await openWithAnswers();
    const row = { actor: "master", action: "created", kind: "key", object_id: "k", before: null, after: null };
    for (const at of [noon - 3 * day, noon - 2 * day, noon])
      await database.db
        .insertInto("dheera_audit")
        .values({ ...row, id: String(at), at })
        .execute();
    expect(await removeOld(database, { audit: 1.5 * day }, noon)).toEqual({ logs: 0, audit: 2 });
    expect(await database.db.selectFrom("dheera_audit").select("at").execute()).toEqual([{ at: noon }]);
  });

  it("keep what callers send in names that no database takes", async () => {
    const { spending } = await openWithAnswers();
    const nul = String.fromCharCode(0);
    spending.book(
      makeAnswer({ owners: [], call_id: `a${nul}b`, model: "\ud800x", tags: [`"\\u0000`, nul], documents: Number.NaN }),
    );
    // Beside one that is the same once it is clean.
    spending.book(makeAnswer({ owners: [], model: "\ufffdx", tags: [], key_hash: "k" }));
    await spending.flush();
    const [sum] = await spending.reports.sums({ model: "\ufffdx" }, []);
    expect(sum?.requests).toBe(2);
    const { rows } = await spending.reports.logs({ model: "\ufffdx" }, { page: 1, size: 10 });
    expect(rows).toEqual([expect.objectContaining({ call_id: "a\ufffdb", documents: 0 }), expect.anything()]);
    const tags = await spending.reports.tags({ model: "\ufffdx" });
    expect(tags.map(({ tag }) => tag).toSorted()).toEqual(['"\\u0000', "\ufffd"]);
  });
});
