import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { eventually } from "./eventually.ts";
import { type PostgresqlServer, startPostgresqlServer } from "./postgresql-server.ts";
import { needs } from "./programs.ts";

describe("a PostgreSQL of a test", needs("postgresql"), () => {
  let server: PostgresqlServer;
  beforeAll(async () => {
    server = await startPostgresqlServer("max_connections=20");
  });
  afterAll(() => server.stop());

  it("has a database for each test", async () => {
    const [one, other] = [await server.createDatabase(), await server.createDatabase()];
    await ask(one, "create table numbers (number integer)");
    await expect(ask(other, "select * from numbers")).rejects.toThrow('relation "numbers" does not exist');
    expect(await ask(one, "show max_connections")).toEqual([{ max_connections: "20" }]);
    await expect(ask(one.replace("secret", "wrong"), "select 1")).rejects.toThrow("password authentication failed");
  });

  it.each(["kill", "restart"] as const)("keeps what was committed over a %s", async (how) => {
    const url = await server.createDatabase();
    await ask(url, "create table numbers as select 1 as number");
    const client = new pg.Client({ connectionString: url });
    const broken = new Promise<void>((resolve) => client.on("error", () => resolve()));
    await client.connect();
    await server[how]();
    await broken;
    if (how === "kill") {
      await expect(ask(url, "select 1")).rejects.toThrow("ECONNREFUSED");
      await server.start();
    }
    expect(await ask(url, "select * from numbers")).toEqual([{ number: 1 }]);
  });

  it("hangs while it is frozen", async () => {
    const client = new pg.Client({ connectionString: await server.createDatabase() });
    await client.connect();
    await client.query("select 1");
    await server.freeze();
    let answered = false;
    const answer = client.query("select 2 as number").then(({ rows }) => {
      answered = true;
      return rows;
    });
    await expect.poll(() => answered, { timeout: 300, interval: 100 }).toBe(false);
    server.thaw();
    await eventually(() => answered).toBe(true);
    expect(await answer).toEqual([{ number: 2 }]);
    await client.end();
  });
});

async function ask(connectionString: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}
