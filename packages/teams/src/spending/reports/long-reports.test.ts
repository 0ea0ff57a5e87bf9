import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";

import { sql } from "kysely";
import { expect, it } from "vitest";

import { createFolder } from "../../../../../test/support/temporary-folder.ts";
import { openDatabase } from "../../database/open-database.ts";
import { migrate } from "../../migrations/migrate.ts";
import { silent } from "../../testing/opened-teams.ts";
import { makeSpending } from "../open-spending.ts";
import { makeAnswer, makeOwner, noon } from "../testing/answers.ts";

const answers = 200_000;
const keys = 200;
const unlimited = 600;

it("reports of many answers in SQLite and deleting those of a key leave the process to requests", async () => {
  await using folder = await createFolder();
  const url = `sqlite:${join(folder.path, "teams.db")}`;
  const database = await openDatabase(url, { reportTime: unlimited, connectionTimeout: unlimited });
  await migrate(database);
  await sql`insert into dheera_spend_logs with recursive n(i) as (select 1 union all select i + 1 from n where i < ${sql.lit(answers)})
    select 'answer-' || i, 'call', ${noon} - i, 'key-' || (i % ${sql.lit(keys)}), 'sk-...3f9a', 'team-' || (i % ${sql.lit(keys)}), null, null,
      '["batch"]', 'm', 'm-1', 'cohere', 200, 5000, null, 4, 100, 0, 12.5 from n`.execute(database.db);
  const spending = makeSpending(
    database,
    { database_url: url, spend_journal: "" },
    { log: silent, replicaId: "r", version: "1", now: () => noon },
  );
  const owners = [makeOwner("key", "key-7", { max: 1000, since: 0 })];

  /** @returns requests that were served before it was done */
  async function serveDuring<T>(work: Promise<T>): Promise<{ readonly result: T; readonly served: number }> {
    const done = new AbortController();
    let served = 0;
    const result = work.finally(() => done.abort());
    result.catch(() => {});
    const serving = (async () => {
      while (!done.signal.aborted) {
        const reservation = await spending.reserve(owners, 1_000);
        spending.book(makeAnswer({ owners, key_hash: "of-now", tags: [] }), reservation);
        await spending.flush();
        if (!done.signal.aborted) served += 1;
        await turn();
      }
    })();
    await serving;
    return { result: await result, served };
  }

  const tags = await serveDuring(spending.reports.tags({ to: noon - 1 }));
  expect(tags.result).toEqual([{ tag: "batch", requests: answers, cost: answers * 5_000 }]);
  const listed = await serveDuring(spending.reports.logs({ key_hash: "key-7" }, { page: 1, size: 2 }));
  expect(listed.result).toMatchObject({
    total: answers / keys,
    rows: [{ request_id: "answer-7" }, { request_id: `answer-${keys + 7}` }],
  });
  const removed = await serveDuring(spending.remove({ name: "master" }, { kind: "key", id: "key-7" }));
  expect(removed.result).toBe(answers / keys);
  for (const { served } of [tags, removed]) expect(served).toBeGreaterThan(0);
  expect(await spending.reports.logs({ key_hash: "key-7" }, { page: 1, size: 2 })).toEqual({ total: 0, rows: [] });
  expect((await spending.reports.logs({ to: noon - 1 }, { page: 1, size: 1 })).total).toBe(answers - answers / keys);
  await spending.close();
  await database.close();
});
