import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { eventually } from "../../../../test/support/eventually.ts";
import { type Pgbouncer, startPgbouncer } from "../testing/pgbouncer.ts";
import { type PostgresqlServer, startPostgresqlServer } from "../../../../test/support/postgresql-server.ts";
import { needs } from "../../../../test/support/programs.ts";
import { hashOfKey } from "../objects/key-text.ts";
import { makeAnswer, makeOwner } from "../spending/testing/answers.ts";
import { openedTeams } from "../testing/opened-teams.ts";

const actor = { name: "master" };
/** Nanodollars. */
const dollar = 1_000_000_000;

/** Of two connections to the server all replicas have a part, which each transaction of theirs gets another time. */
describe.each(["transaction", "session"])(
  "PgBouncer that shares connections out by %s",
  needs("postgresql", "pgbouncer"),
  (mode) => {
    let server: PostgresqlServer;
    let pooler: Pgbouncer;
    beforeAll(async () => {
      server = await startPostgresqlServer();
      const size = mode === "transaction" ? 2 : 50;
      pooler = await startPgbouncer(server.url, `pool_mode = ${mode}`, `default_pool_size = ${size}`);
    });
    afterAll(async () => {
      await pooler.stop();
      await server.stop();
    });

    it("lets one process of many make the tables, and all of them write", async () => {
      const url = pooler.through(await server.createDatabase());
      const program = fileURLToPath(new URL("../testing/create-keys.ts", import.meta.url));
      const processes = Array.from({ length: 4 }, (_, number) =>
        promisify(execFile)(process.execPath, ["-C", "source", program, url, `process-${number}`, "25"]),
      );
      const said = await Promise.all(processes);
      expect(said.map(({ stderr }) => stderr)).toEqual(["", "", "", ""]);
      expect(said.map(({ stdout }) => stdout.trim())).toEqual(Array(4).fill("made 25 of 25"));
    });

    it("tells replicas what others change, and holds a budget over them", async () => {
      const url = pooler.through(await server.createDatabase());
      await using one = await openedTeams(url);
      await using other = await openedTeams(url);
      const { key, row } = await one.stores.keys.create(actor, { max_budget: 1 });
      expect(await other.grants.find(hashOfKey(key))).toMatchObject({ keyHash: row.key_id });
      await one.stores.keys.block(actor, row.key_hash, true);
      await eventually(async () => (await other.grants.find(hashOfKey(key)))?.blocked).toBeDefined();

      const owner = makeOwner("key", row.key_id, { max: 1, since: 0 });
      const asked = Array.from({ length: 20 }, async (_, number) => {
        const { spending } = number % 2 === 0 ? one : other;
        try {
          const reservation = await spending.reserve([owner], dollar / 10);
          spending.book(
            makeAnswer({ owners: [owner], key_hash: row.key_id, cost: dollar / 10, at: Date.now() }),
            reservation,
          );
          return true;
        } catch {
          return false;
        }
      });
      const served = (await Promise.all(asked)).filter(Boolean).length;
      await Promise.all([one.spending.flush(), other.spending.flush()]);
      const [sum] = await one.spending.reports.sums({ key_hash: row.key_id }, []);
      expect(sum).toMatchObject({ requests: served, cost: (served * dollar) / 10 });
      expect(served).toBeLessThanOrEqual(10);
      expect(served).toBeGreaterThan(0);
    });

    it("keeps nothing of one transaction for the next that gets its connection", async () => {
      const url = pooler.through(await server.createDatabase());
      await using teams = await openedTeams(url);
      await teams.database.transaction((transaction) => sql`select 1`.execute(transaction));
      for (const setting of ["statement_timeout", "idle_in_transaction_session_timeout"]) {
        const { rows } = await sql<Record<string, string>>`show ${sql.ref(setting)}`.execute(teams.database.db);
        expect(rows).toEqual([{ [setting]: "0" }]);
      }
    });

    it("may break in the midst: what was answered is booked once", async () => {
      const url = pooler.through(await server.createDatabase());
      await using teams = await openedTeams(url);
      const owner = makeOwner("team", "t");
      for (let number = 0; number < 50; number++) {
        teams.spending.book(makeAnswer({ owners: [owner] }));
        if (number === 25) await pooler.restart();
      }
      await eventually(async () => {
        await teams.spending.flush();
        const [sum] = await teams.spending.reports.sums({}, []).catch(() => []);
        return sum?.requests;
      }).toBe(50);
      await eventually(() => teams.trouble).toBeUndefined();
    });
  },
);
