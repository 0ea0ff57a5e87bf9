import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import { type Answered, type Owner, type Payer, type Spending, openTeams } from "@dheera-ai/teams";

/** A process of `booking.ts`: books on order, and says what processor time it took. */
const [, , json = "{}", folder = "."] = process.argv;
const { database_url, keys, ...settings }: { database_url?: string; disable_spend_logs?: boolean; keys: number } =
  JSON.parse(json);
/** Milliseconds between two turns, each of which has its part of the answers. */
const turn = 5;

const silence = (): void => {};
const teams =
  database_url === undefined
    ? undefined
    : await openTeams(
        { ...settings, database_url, spend_journal: join(folder, `journal-${process.pid}`) },
        { log: { info: silence, warn: console.warn, error: console.error }, version: "bench" },
      );
const payers: Payer[] = [];
for (let made = 0; made < keys; made++) payers.push(await makePayer());
process.send?.("ready");
process.on("message", (order: "end" | { readonly seconds: number; readonly rate: number }) => {
  if (order === "end") void (teams?.close() ?? Promise.resolve()).then(() => process.disconnect?.());
  else void measure(order).then((used) => void process.send?.(used));
});

/** Of a key and a team of its own. */
async function makePayer(): Promise<Payer> {
  const owners: Owner[] = [];
  if (teams) {
    const operator = { name: "master" };
    const { team_id } = await teams.stores.teams.create(operator, { max_budget: 1_000_000 });
    const { row } = await teams.stores.keys.create(operator, { team_id, max_budget: 500_000 });
    owners.push(...((await teams.grants.find(row.key_hash))?.owners ?? []));
  }
  return {
    owners,
    key_hash: owners[0]?.id ?? "",
    key_name: "search",
    team_id: owners[1]?.id ?? null,
    user_id: null,
    organization_id: null,
    tags: [],
  };
}

/** @returns milliseconds of processor time */
async function measure({ seconds, rate }: { readonly seconds: number; readonly rate: number }): Promise<number> {
  const before = process.cpuUsage();
  const start = performance.now();
  let made = 0;
  for (let now = 0; now < seconds * 1000; now = performance.now() - start) {
    const due = Math.floor((Math.min(now, seconds * 1000) / 1000) * rate);
    for (; made < due; made++) if (teams) await serve(teams.spending, payers[made % payers.length]);
    await wait(rate === 0 ? seconds * 1000 : turn);
  }
  // The last answers are booked within half a second.
  if (rate > 0) await wait(600);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

async function serve(spending: Spending, payer: Payer | undefined): Promise<void> {
  if (!payer) return;
  const taken = spending.reserve(payer.owners, 10_000);
  spending.book(answer(payer), taken instanceof Promise ? await taken : taken);
}

function answer(payer: Payer): Answered {
  return {
    payer,
    call_id: crypto.randomUUID(),
    at: Date.now(),
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
}
