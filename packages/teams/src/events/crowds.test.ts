import { expect, it } from "vitest";

import type { Database } from "../database/open-database.ts";
import { runIn } from "../spending/lane.ts";
import { describeOnEachDatabase } from "../testing/each-database.ts";
import { openedTeams } from "../testing/opened-teams.ts";
import { budgetEvent } from "./budget-event.ts";
import type { NewEvent } from "./event.ts";
import { tellExpiring } from "./expiring-keys.ts";
import { openOutbox } from "./outbox.ts";
import { mostOfSource, mostPending, recordEvent } from "./record-event.ts";
import { addWebhook, toldOf } from "./testing/webhooks.ts";

const day = 86_400_000;
const master = { name: "master" };

describeOnEachDatabase("webhooks of which much is told", ({ createDatabase }) => {
  it("are told so much of one user an hour, and of others all the same", async () => {
    await using teams = await openedTeams(await createDatabase());
    const { database } = teams;
    await addWebhook(database, "w");
    for (let number = 0; number < mostOfSource + 3; number++)
      await tell(database, { key: `eve ${number}`, source: "user eve" });
    await database.db.updateTable("dheera_deliveries").set({ status: "delivered" }).execute();
    await tell(database, { key: "eve once more", source: "user eve" });
    await tell(database, { key: "bob", source: "user bob" });
    await tell(database, { key: "nobody's" });
    expect(await toldOf(database)).toHaveLength(mostOfSource + 2);
    expect(await missedOf(database)).toBe(4);
    await database.db.updateTable("dheera_deliveries").set({ created_at: 1 }).execute();
    await tell(database, { key: "an hour later", source: "user eve" });
    expect(await missedOf(database)).toBe(4);
  });

  it("have room for deployments whatever budgets wait, and hear of deployments first", async () => {
    await using teams = await openedTeams(await createDatabase());
    const { database } = teams;
    await addWebhook(database, "w");
    const row = { webhook_id: "w", event_id: null, event: "budget.spent", body: "{}", created_at: 1, attempts: 0 };
    const rest = { status: "pending", delivered_at: null, ended_at: null, last_error: null, next_attempt_at: 1 };
    for (let start = 0; start < mostPending; start += 50)
      await database.db
        .insertInto("dheera_deliveries")
        .values(Array.from({ length: 50 }, (_, index) => ({ ...row, ...rest, delivery_id: String(start + index) })))
        .execute();
    await tell(database, { key: "budget" });
    await tell(database, { key: "down", type: "deployment.down" });
    await tell(database, { key: "key", type: "key.expiring" });
    expect(await missedOf(database)).toBe(1);
    const [first] = await openOutbox(database, Date.now).claim("w", 1, 1_000);
    expect(first?.event).toBe("deployment.down");
  });

  it("count what is told of a key as its user's, else as its team's", async () => {
    await using teams = await openedTeams(await createDatabase());
    const { database, stores } = teams;
    await addWebhook(database, "w");
    await stores.users.create(master, { user_id: "eve" });
    await stores.teams.create(master, { team_id: "t" });
    const expires = Date.now() + 3 * day;
    const hers = await stores.keys.create(master, { user_id: "eve", expires });
    const ours = await stores.keys.create(master, { team_id: "t", expires });
    await database.db.updateTable("dheera_keys").set({ created_at: 1 }).execute();
    const sourceOf = (kind: "key" | "user" | "team", id: string): Promise<string | undefined> =>
      database.transaction(async (transaction) => {
        const charge = { kind, id, name: id, start: 0, cost: 1, max: 1 };
        const mark = { type: "budget.spent", charge, spent: 1, occasion: 1 } as const;
        return (await budgetEvent(runIn(transaction), mark, 1)).source;
      });
    const [user, team] = [await sourceOf("user", "eve"), await sourceOf("team", "t")];
    expect(new Set([user, team, undefined]).size).toBe(3);
    expect(await sourceOf("key", hers.row.key_id)).toBe(user);
    expect(await sourceOf("key", ours.row.key_id)).toBe(team);
    await tellExpiring(database, [7], Date.now);
    const rows = await database.db.selectFrom("dheera_deliveries").select("source").execute();
    expect(rows.map(({ source }) => source).toSorted()).toEqual([team, user].toSorted());
  });

  it("read names of others' as one short line", async () => {
    await using teams = await openedTeams(await createDatabase());
    const { database } = teams;
    const name = `URGENT:\n\u202e sign\u2028in ${"x".repeat(5_000)}`;
    const charge = { kind: "key", id: "k", name, start: 0, cost: 1, max: 1 };
    const { message } = await database.transaction((transaction) =>
      budgetEvent(runIn(transaction), { type: "budget.spent", charge, spent: 1, occasion: 1 }, 1),
    );
    expect(message).toMatch(/^The key URGENT: sign in x+… \(k\) has spent its budget: /);
    expect(message.length).toBeLessThan(300);
  });
});

async function missedOf({ db }: Database): Promise<number | undefined> {
  return (await db.selectFrom("dheera_webhooks").select("missed").executeTakeFirst())?.missed;
}

function tell(database: Database, given: Partial<NewEvent>): Promise<boolean> {
  const event: NewEvent = {
    key: "",
    type: "budget.spent",
    at: Date.now(),
    message: "Something happened.",
    fields: { event: "budget_crossed", event_group: "team" },
    ...given,
  };
  return database.transaction((transaction) => recordEvent(runIn(transaction), database.kind, event, Date.now));
}
