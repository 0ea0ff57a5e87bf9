import { statSync } from "node:fs";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { DatabaseSync } from "node:sqlite";
import { parseArgs } from "node:util";

import { openTeams, type Payer, type Spending } from "@dheera-ai/teams";
import { createFolder } from "../../test/support/temporary-folder.ts";
import { median } from "../proxy/median.ts";
import { printRow } from "../proxy/table.ts";

/**
 * What SQLite is good for: `node -C source bench/teams/sqlite.ts [--rows 1000000] [--rounds 20]`. A file with so many answers of 200 keys
 * in 30 days: how large it is, what reports of it take, and for how long the event loop stands still meanwhile; what booking costs with
 * answers of one key and of 200 in a batch, as it is and with the indexes by key and team that it had before; what deleting a key takes.
 */
const { values } = parseArgs({
  options: { rows: { type: "string", default: "1000000" }, rounds: { type: "string", default: "20" } },
});
const [rows = 1, rounds = 1] = [values.rows, values.rounds].map(Number);
const keys = 200;
const day = 86_400_000;
const now = Date.now();
const batch = 500;

await using folder = await createFolder();
const path = join(folder.path, "teams.db");
const answer = {
  model: "bge",
  deployment: "huggingface/simulated/reranker-1",
  provider: "huggingface",
  status: 200,
  cost: 10_000,
  saved_cost: null,
  documents: 4,
  tokens: 120,
  cache_hits: 0,
  milliseconds: 12.345,
};
const silence = (): void => {};
const teams = await openTeams(
  { database_url: `sqlite:${path}`, spend_journal: "" },
  { log: { info: silence, warn: console.warn, error: console.error }, version: "bench" },
);
const database = new DatabaseSync(path);
fill();
console.log(`${rows} answers: ${Math.round(statSync(path).size / 1e6)} MB`);
await reportAll(teams.spending);
await bookAll(teams.spending, "as it is");
for (const column of ["key_hash", "team_id"])
  database.exec(`create index before_by_${column} on dheera_spend_logs (${column}, at)`);
console.log(`\nwith the two indexes: ${Math.round(statSync(path).size / 1e6)} MB`);
await bookAll(teams.spending, "with the two indexes");
for (const column of ["key_hash", "team_id"]) database.exec(`drop index before_by_${column}`);
await watched("delete the answers of a key", async () =>
  teams.spending.remove({ name: "master" }, { kind: "key", id: keyOf(7) }),
);
database.close();
await teams.close();

function keyOf(number: number): string {
  return number.toString(16).padStart(64, "0");
}

/** By SQL alone, with texts as long as real ones. */
function fill(): void {
  database.exec(`insert into dheera_spend_logs with recursive n(i) as (select 1 union all select i + 1 from n where i < ${rows})
    select printf('%024x%012x', 7, i), printf('%036x', i), ${now - 30 * day} + i * ${(30 * day) / rows},
      printf('%064x', (i * 7919) % ${keys}), 'sk-...3f9a', printf('team-%d', (i * 7919) % ${keys}), null, null,
      '["search"]', 'bge', 'huggingface/simulated/reranker-1', 'huggingface', 200, 10000, null, 4, 120, 0, 12.345
    from n`);
  database.exec(`insert into dheera_spend_days select strftime('%Y-%m-%d', at / 1000, 'unixepoch'), key_hash, team_id, '', '', model,
      provider, count(*), 0, 0, sum(cost), 0, sum(documents), sum(tokens), 0 from dheera_spend_logs
    group by 1, key_hash, team_id, model, provider`);
  database.exec("pragma wal_checkpoint(truncate)");
}

async function reportAll({ reports }: Spending): Promise<void> {
  const page = { page: 1, size: 50 };
  const lastDay = { from: now - day };
  await reports.sums({ from: now }, []);
  const made = {
    "newest 50 of all": () => reports.logs({}, page),
    "newest 50 of a key": () => reports.logs({ key_hash: keyOf(7) }, page),
    "newest 50 of a key, one day": () => reports.logs({ key_hash: keyOf(7), ...lastDay }, page),
    "newest 50 of a key without any": () => reports.logs({ key_hash: "nobody" }, page),
    "sums of each day and key": () => reports.sums({}, ["day", "key_hash"]),
    "sums of a key for each day": () => reports.sums({ key_hash: keyOf(7) }, ["day"]),
    "tags, one day": () => reports.tags(lastDay),
    "tags, all": () => reports.tags({}),
  };
  for (const [name, make] of Object.entries(made)) await watched(name, make);
}

/** The longest of the times for which nothing else could be done, beside what the report took. */
async function watched(name: string, work: () => Promise<unknown>): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const begun = performance.now();
  const outcome = await work().then(
    () => "",
    (error: unknown) => ` (${error instanceof Error ? error.message : String(error)})`,
  );
  const took = performance.now() - begun;
  delay.disable();
  printRow({
    what: name + outcome,
    ms: took.toFixed(0),
    "event loop stood still for at most, ms": (delay.max / 1e6).toFixed(0),
  });
}

async function bookAll(spending: Spending, name: string): Promise<void> {
  for (const used of [1, keys]) {
    const payers = Array.from({ length: used }, (_, number) => payerOf(number));
    const costs: number[] = [];
    for (let round = 0; round < rounds; round++) costs.push(await costOfBatch(spending, payers));
    printRow({
      booking: name,
      "keys in a batch of 500": String(used),
      "CPU µs an answer: least": Math.min(...costs).toFixed(1),
      median: median(costs).toFixed(1),
    });
  }
}

/** Microseconds of processor time for each answer. */
async function costOfBatch(spending: Spending, payers: readonly Payer[]): Promise<number> {
  const before = process.cpuUsage();
  for (let made = 0; made < batch; made++) {
    const payer = payers[made % payers.length];
    if (payer) spending.book({ ...answer, call_id: crypto.randomUUID(), at: Date.now(), payer });
  }
  await spending.flush();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / batch;
}

function payerOf(number: number): Payer {
  const [key_hash, team_id] = [keyOf(number), `team-${number}`];
  return {
    owners: [],
    key_hash,
    key_name: "sk-...3f9a",
    team_id,
    user_id: null,
    organization_id: null,
    tags: ["search"],
  };
}
