import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { startPostgresqlServer } from "../../../../test/support/postgresql-server.ts";
import { needs } from "../../../../test/support/programs.ts";
import { memoryLog } from "../fixtures/memory-log.ts";
import {
  bearer,
  createKey,
  master,
  newDatabase,
  openForTest,
  operator,
  price,
  request,
  spendLogs,
  spentBy,
  stageTeams,
  teamsYaml,
} from "../fixtures/stage-teams.ts";
import { startProxy } from "../fixtures/start-proxy.ts";
import { startUpstream } from "../fixtures/start-upstream.ts";
import { temporaryFolder } from "../fixtures/temporary-folder.ts";

describe("while the database is away", needs("postgresql"), () => {
  it("known keys go on and are booked after, unknown ones hear what to do, and readiness says so", async () => {
    await using server = await startPostgresqlServer();
    await using journal = await temporaryFolder();
    const { teams, proxy } = await stageTeams(`spend_journal: "${journal.path}"`, {
      url: await server.createDatabase(),
    });
    const { key, row } = await createKey(teams, { max_budget: 1 });
    const { key: other } = await createKey(teams, {});
    const booked = async (hash: string): Promise<number> =>
      (await spendLogs(teams)).filter(({ key_hash }) => key_hash === hash).length;
    const { key: last, row: lastRow } = await createKey(teams, {});
    const post = (given: string): Promise<Response> => proxy.post("/rerank", request, bearer(given));
    expect((await post(last)).status).toBe(200);
    await teams.stores.keys.update(operator, lastRow.key_hash, { blocked: 1 });
    // Once this change is seen, those that made the keys are: what is read of them now is kept.
    await expect.poll(async () => (await post(last)).status).toBe(403);
    expect((await post(key)).status).toBe(200);
    await expect.poll(() => booked(row.key_hash)).toBe(1);

    await server.kill();
    await expect
      .poll(async () => (await proxy.get("/health/readiness")).json())
      .toMatchObject({
        status: "degraded",
        db: "disconnected",
      });
    expect((await proxy.get("/health/services?service=database", master)).status).toBe(503);
    const answers = [await post(key), await post(key), await post(other)];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 503]);
    const refusal = answers[2];
    expect(await refusal?.json()).toMatchObject({
      error: { code: "unavailable", message: expect.stringContaining("again") },
    });
    expect(refusal?.headers.get("retry-after")).not.toBeNull();
    // The master key needs no database.
    expect((await proxy.post("/rerank", request, master)).status).toBe(200);

    await server.restart();
    await expect.poll(async () => (await post(other)).status).toBe(200);
    await expect.poll(async () => (await (await proxy.get("/health/readiness")).json()).status).toBe("healthy");
    await expect.poll(() => booked(row.key_hash)).toBe(3);
    await expect.poll(() => booked("master")).toBe(1);
  });

  it("a new primary that only reads for a while is waited for: keys go on, nothing is lost, and changes hear why", async () => {
    await using server = await startPostgresqlServer();
    await using journal = await temporaryFolder();
    const { teams, proxy } = await stageTeams(`spend_journal: "${journal.path}"`, {
      url: await server.createDatabase(),
    });
    const { key } = await createKey(teams, {});
    const { key: ofBudget } = await createKey(teams, { max_budget: 1 });
    const post = async (given: string): Promise<number> => (await proxy.post("/rerank", request, bearer(given))).status;
    expect([await post(key), await post(ofBudget)]).toEqual([200, 200]);
    await expect.poll(() => spendLogs(teams)).toHaveLength(2);

    await server.failOver({ onlyReads: true });
    for (let number = 0; number < 3; number++) expect(await post(key)).toBe(200);
    expect(await post(ofBudget)).toBe(200);
    const change = { key, max_budget: 2 };
    await expect.poll(async () => (await proxy.post("/key/update", change, master)).status).toBe(503);
    await expect
      .poll(async () => (await proxy.get("/health/readiness")).json())
      .toMatchObject({ status: "degraded", db: "disconnected" });
    expect(await post(key)).toBe(200);
    expect(await spendLogs(teams)).toHaveLength(2);

    await server.failOver({ onlyReads: false });
    await expect.poll(() => spendLogs(teams)).toHaveLength(7);
    await expect.poll(async () => (await proxy.post("/key/update", change, master)).status).toBe(200);
    await expect.poll(async () => (await (await proxy.get("/health/readiness")).json()).status).toBe("healthy");
    const ids = (await spendLogs(teams)).map(({ request_id }) => request_id);
    expect(new Set(ids).size).toBe(7);
  });

  it("no key goes on where that is not allowed", async () => {
    await using server = await startPostgresqlServer();
    const { teams, proxy } = await stageTeams("allow_requests_on_db_unavailable: false", {
      url: await server.createDatabase(),
    });
    const { key } = await createKey(teams, {});
    expect((await proxy.post("/rerank", request, bearer(key))).status).toBe(200);
    await server.kill();
    await expect.poll(async () => (await proxy.post("/rerank", request, bearer(key))).status).toBe(503);
  });
});

it("does not start with a database that cannot be opened, and says which setting is wrong", async () => {
  const yaml = teamsYaml({ database: "sqlite:/nowhere/at/all/teams.db", upstream: "http://127.0.0.1:9" });
  await expect(startProxy({ yaml })).rejects.toThrow(
    /^general_settings\.database_url: the database cannot be used \(.+\); check that it runs/,
  );
});

it("keeps the database over a reload, and books the answers that were under way", async () => {
  await using folder = await temporaryFolder();
  let answer = (): void => {};
  let isHeld = true;
  await using upstream = await startUpstream(async ({ outgoing }) => {
    if (isHeld) await new Promise<void>((resolve) => (answer = resolve));
    outgoing.setHeader("content-type", "application/json");
    outgoing.end(
      JSON.stringify([
        { index: 0, score: 0.9 },
        { index: 1, score: 0.1 },
      ]),
    );
  });
  const database = await newDatabase();
  const configPath = join(folder.path, "config.yaml");
  await writeFile(configPath, teamsYaml({ database, upstream: upstream.url }));
  const log = memoryLog();
  await using proxy = await startProxy({ configPath, log });
  const teams = await openForTest(database);
  const { key, row } = await createKey(teams, { max_budget: 10 });
  const held = proxy.post("/rerank", request, bearer(key));
  await expect.poll(() => upstream.requests.length).toBe(1);
  await writeFile(configPath, teamsYaml({ database, upstream: upstream.url, settings: "max_documents: 50" }));
  process.emit("SIGHUP", "SIGHUP");
  await expect.poll(() => log.lines).toContain("info: the configuration was taken up anew");
  isHeld = false;
  expect((await proxy.post("/rerank", request, bearer(key))).status).toBe(200);
  answer();
  expect((await held).status).toBe(200);
  await expect.poll(() => spentBy(teams, "key", row.key_hash)).toBe(2 * price);
});

it("books the last answers when it stops", async () => {
  const { teams, proxy } = await stageTeams();
  const { key } = await createKey(teams, {});
  expect((await proxy.post("/rerank", request, bearer(key))).status).toBe(200);
  await proxy.close();
  expect(await spendLogs(teams)).toHaveLength(1);
});
