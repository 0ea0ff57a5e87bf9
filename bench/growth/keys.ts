import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { openTeams } from "@dheera-ai/teams";

import { hashKey } from "../../apps/proxy/src/access/hash-key.ts";
import { createFolder } from "../../test/support/temporary-folder.ts";
import type { Target } from "../proxy/load/measured.ts";
import { proxyBody, smallShape } from "../proxy/load/shapes.ts";
import { masterKey, startOnFile } from "../proxy/servers/gateway.ts";
import { startStub } from "../proxy/servers/upstream.ts";
import type { Curve } from "./curve.ts";
import { seriesOf } from "./in-rounds.ts";
import { measureStarts } from "./starts.ts";

const counts = [1, 10, 100, 1_000, 10_000, 100_000];
/** Keys that requests come with in turns, from everywhere in the list. */
const mostUsed = 1_000;

/** Keys that a proxy knows, by its file and by SQLite. */
export const keys: Curve = {
  title: "Keys that a proxy knows",
  sizes: "keys",
  async measure(plan) {
    await using stub = await startStub([smallShape]);
    const inFile = await measureStarts(counts, plan, (count, stack) =>
      startWithKeys(stub.url, count, stack, () => ({
        keys: Array.from({ length: count }, (_, number) => ({ name: `key-${number}`, key: hashKey(keyOf(number)) })),
      })),
    );
    const inSqlite = await measureStarts(counts, plan, (count, stack) =>
      startWithKeys(stub.url, count, stack, async (folder) => ({
        database_url: await makeDatabase(folder, count),
        spend_journal: join(folder, "journal"),
        disable_spend_logs: true,
      })),
    );
    return [
      {
        title: "µs of the processor, a request",
        series: [seriesOf("in the file", inFile, "cpu"), seriesOf("in SQLite", inSqlite, "cpu")],
      },
      {
        title: "ms of the processor, a start",
        series: [seriesOf("in the file", inFile, "start"), seriesOf("in SQLite", inSqlite, "start")],
      },
      {
        title: "MB of memory after the start",
        series: [seriesOf("in the file", inFile, "idle"), seriesOf("in SQLite", inSqlite, "idle")],
      },
    ];
  },
};

async function startWithKeys(
  upstream: string,
  count: number,
  stack: AsyncDisposableStack,
  settingsIn: (folder: string) => object | Promise<object>,
): Promise<{ proxy: Awaited<ReturnType<typeof startOnFile>>; targets: [Target, ...Target[]] }> {
  const { path } = stack.use(await createFolder());
  const file = join(path, "config.yaml");
  // JSON is YAML.
  const config = {
    model_list: [
      {
        model_name: "bge",
        dheera_ai_params: {
          model: "huggingface/bench/reranker",
          api_base: `${upstream}/${smallShape.documents}`,
          api_key: "key",
        },
      },
    ],
    general_settings: { master_key: masterKey, ...(await settingsIn(path)) },
  };
  await writeFile(file, JSON.stringify(config));
  const proxy = stack.use(await startOnFile("node", file));
  return { proxy, targets: targetsOf(count, proxy.url) };
}

function targetsOf(count: number, url: string): [Target, ...Target[]] {
  const used = Math.min(count, mostUsed);
  const body = proxyBody(smallShape, "bge");
  const targetOf = (position: number): Target => ({
    url: `${url}/rerank`,
    key: keyOf(Math.floor((position * count) / used)),
    body,
    unique: true,
  });
  return [targetOf(0), ...Array.from({ length: used - 1 }, (_, position) => targetOf(position + 1))];
}

function keyOf(number: number): string {
  return `sk-bench-of-growth-${number}`;
}

/** A database as the proxy makes it, with rows like that of a key which was made through it. */
async function makeDatabase(folder: string, count: number): Promise<string> {
  const path = join(folder, "teams.db");
  const url = `sqlite:${path}`;
  const silence = (): void => {};
  const teams = await openTeams(
    { database_url: url, spend_journal: "" },
    { log: { info: silence, warn: console.warn, error: console.error }, version: "bench" },
  );
  const { row } = await teams.stores.keys.create({ name: "master" }, { key_alias: "pattern" });
  await teams.close();
  const database = new DatabaseSync(path);
  const columns = database
    .prepare("select name from pragma_table_info('dheera_keys')")
    .all()
    .map(({ name }) => String(name));
  const own = new Set(["key_hash", "key_id", "key_name", "key_alias"]);
  const copied = columns.filter((column) => !own.has(column));
  const insert = database.prepare(
    `insert into dheera_keys (key_hash, key_id, key_name, key_alias, ${copied.join(", ")})
     select ?, ?, ?, ?, ${copied.join(", ")} from dheera_keys where key_hash = ?`,
  );
  database.exec("begin");
  for (let number = 0; number < count; number++) {
    const hash = hashKey(keyOf(number)).replace("sha256:", "");
    insert.run(hash, `key-${number}`, "sk-...", `key ${number}`, row.key_hash);
  }
  database.exec("commit");
  database.close();
  return url;
}
