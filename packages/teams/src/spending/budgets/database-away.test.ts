import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { type PostgresqlServer, startPostgresqlServer } from "../../../../../test/support/postgresql-server.ts";
import { needs } from "../../../../../test/support/programs.ts";
import { openDatabase } from "../../database/open-database.ts";
import { migrate } from "../../migrations/migrate.ts";
import { makeSpending } from "../open-spending.ts";
import { makeAnswer, makeOwner } from "../testing/answers.ts";

const log = { info: () => {}, warn: () => {}, error: () => {} };
const most = 100;
const owners = [makeOwner("key", "k", { max: 1_000 / 1e9, since: 0 })];

describe("budgets while the database is away", needs("postgresql"), () => {
  let server: PostgresqlServer;
  const after: (() => Promise<unknown>)[] = [];
  beforeAll(async () => {
    server = await startPostgresqlServer();
  });
  afterAll(() => server.stop());
  afterEach(async () => {
    for (const end of after.splice(0).toReversed()) await end();
  });

  async function open(goesOn: boolean): Promise<ReturnType<typeof makeSpending>> {
    const url = await server.createDatabase();
    const database = await openDatabase(url, { connectionTimeout: 1 });
    after.push(() => database.close());
    await migrate(database);
    const spending = makeSpending(
      database,
      { database_url: url, spend_journal: "", allow_requests_on_db_unavailable: goesOn },
      { log, replicaId: "one", version: "1", longestWait: 100 },
    );
    after.push(() => spending.close());
    await spending.tidy();
    return spending;
  }

  async function spendUntilRefused(
    spending: ReturnType<typeof makeSpending>,
  ): Promise<{ answered: number; code: unknown }> {
    for (let answered = 0; ; answered += 1)
      try {
        spending.book(makeAnswer({ owners, cost: most }), await spending.reserve(owners, most));
      } catch (error) {
        return { answered, code: error instanceof Error ? Reflect.get(error, "code") : error };
      }
  }

  it("are spent to their last known end where requests go on, and no further, and books agree after", async () => {
    const spending = await open(true);
    spending.book(makeAnswer({ owners, cost: most }), await spending.reserve(owners, most));
    await spending.flush();
    await server.kill();
    try {
      expect(await spendUntilRefused(spending)).toEqual({ answered: 9, code: "budget_exceeded" });
    } finally {
      await server.start();
    }
    await expect
      .poll(() =>
        spending.flush().then(
          () => spending.reports.spent("key", ["k"]),
          () => [],
        ),
      )
      .toEqual([expect.objectContaining({ spent: 1_000 })]);
    await spending.tidy();
    expect(await spendUntilRefused(spending)).toEqual({ answered: 0, code: "budget_exceeded" });
  });

  it("let nothing through of a budget of which nobody here knows what is left of it", async () => {
    const spending = await open(true);
    await server.kill();
    try {
      expect(await spendUntilRefused(spending)).toEqual({ answered: 0, code: "unavailable" });
    } finally {
      await server.start();
    }
    await expect
      .poll(() =>
        spending.tidy().then(
          () => spendUntilRefused(spending),
          () => undefined,
        ),
      )
      .toEqual({ answered: 10, code: "budget_exceeded" });
  });

  it("let through what is held where requests do not go on, then say that the database is away", async () => {
    const spending = await open(false);
    const [held] = [await spending.reserve(owners, most)];
    await server.kill();
    try {
      // It got half of what was left: 500.
      expect(await spendUntilRefused(spending)).toEqual({ answered: 4, code: "unavailable" });
    } finally {
      await server.start();
    }
    if (held !== undefined) spending.release(held);
    await expect
      .poll(() =>
        spending.tidy().then(
          () => spendUntilRefused(spending),
          () => undefined,
        ),
      )
      .toEqual({ answered: 6, code: "budget_exceeded" });
  });
});
