import { expect, it } from "vitest";

import type { Database } from "../database/open-database.ts";
import { describeOnEachDatabase } from "../testing/each-database.ts";
import { openedTeams } from "../testing/opened-teams.ts";
import { type Change, type ChangeFeed, followChanges } from "./change-feed.ts";

const master = { name: "master" };

describeOnEachDatabase("the changes that a replica follows", ({ createDatabase }) => {
  it("are told once each, in their order, from the moment it began", async () => {
    await using teams = await openedTeams(await createDatabase());
    await teams.stores.teams.create(master, { team_id: "before" });
    using heard = await listen(teams.database);
    for (const team_id of ["one", "two"]) await teams.stores.teams.create(master, { team_id });
    await heard.feed.catchUp();
    await heard.feed.catchUp();
    expect(heard.ids).toEqual(["one", "two"]);
    expect(heard.feed.isFresh).toBe(true);
  });

  it("are told all where there are more than one reading takes", async () => {
    await using teams = await openedTeams(await createDatabase());
    using heard = await listen(teams.database);
    await addChanges(teams.database, 2_500);
    await heard.feed.catchUp();
    expect(heard.ids).toEqual(Array.from({ length: 2_500 }, (_, index) => `team-${index + 1}`));
  });

  it("may be anything where some are gone before it read them, or the database was set back", async () => {
    await using teams = await openedTeams(await createDatabase());
    const { db } = teams.database;
    using heard = await listen(teams.database);
    await db.transaction().execute(async (transaction) => {
      await transaction.updateTable("dheera_change_counter").set({ value: 7 }).execute();
      await transaction
        .insertInto("dheera_changes")
        .values({ sequence: 7, at: 1, kind: "team", id: "seventh" })
        .execute();
    });
    await heard.feed.catchUp();
    expect(heard.ids).toEqual(["anything"]);
    await db.updateTable("dheera_change_counter").set({ value: 3 }).execute();
    await heard.feed.catchUp();
    expect(heard.ids).toEqual(["anything", "anything"]);
  });

  it("share a reading, but for one that began before they were asked for", async () => {
    await using teams = await openedTeams(await createDatabase());
    using heard = await listen(teams.database);
    const early = heard.feed.catchUp();
    const created = teams.stores.teams.create(master, { team_id: "late" });
    await created;
    await Promise.all([early, heard.feed.catchUp(), heard.feed.catchUp()]);
    expect(heard.ids).toEqual(["late"]);
  });
});

async function listen(
  database: Database,
): Promise<Disposable & { readonly feed: ChangeFeed; readonly ids: readonly string[] }> {
  const feed = await followChanges(database);
  const ids: string[] = [];
  feed.subscribe((changes: readonly Change[] | undefined) =>
    ids.push(...(changes?.map(({ id }) => id) ?? ["anything"])),
  );
  return { feed, ids, [Symbol.dispose]: () => feed.close() };
}

async function addChanges({ db }: Database, count: number): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    for (let start = 1; start <= count; start += 500) {
      const rows = Array.from({ length: 500 }, (_, index) => start + index);
      await transaction
        .insertInto("dheera_changes")
        .values(rows.map((sequence) => ({ sequence, at: 1, kind: "team", id: `team-${sequence}` })))
        .execute();
    }
    await transaction.updateTable("dheera_change_counter").set({ value: count }).execute();
  });
}
