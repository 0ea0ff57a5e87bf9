import { setTimeout as wait } from "node:timers/promises";

import { checkAccounting } from "./checks/accounting.ts";
import { checkAnswers } from "./checks/answers.ts";
import { checkBlocks } from "./checks/blocks.ts";
import { checkBudgets } from "./checks/budgets.ts";
import type { Record } from "./checks/record.ts";
import { runClients } from "./clients.ts";
import { runFaults } from "./faults.ts";
import { watchLateness } from "./lateness.ts";
import { readLedger } from "./ledger.ts";
import { createPeople, runManagers } from "./managers.ts";
import { planPeople } from "./people.ts";
import { type Stage, startStage } from "./stage.ts";
import { openTexts } from "./texts.ts";

export interface RunOptions {
  /** Of faults, longer where each has not happened once; starting before and settling after take about half a minute more. */
  readonly seconds: number;
  /** The same seed gives the same people, requests and faults, though not at the same instants. */
  readonly seed: number;
  readonly log?: (line: string) => void;
}

export interface RunReport {
  /** What is not as it must be; none where all is well. */
  readonly problems: readonly string[];
  readonly figures: Readonly<{ [name: string]: number | string }>;
}

/** Billionths of a dollar that clients together spend in a second, roughly: by it budgets are made that run out. */
const spendsInASecond = 100_000_000;
/** Milliseconds in which everything is booked once nothing goes wrong any more: journals of dead processes are looked for every 10 s. */
const settlesWithin = 60_000;

/** Four proxies, a database, a Redis, 200 keys, clients and managers, and whatever goes wrong; then the books are checked. */
export async function runFaultRun({ seconds, seed, log = () => {} }: RunOptions): Promise<RunReport> {
  const began = performance.now();
  const since = (): string => `${Math.round((performance.now() - began) / 1_000)} s`;
  using lateness = watchLateness();
  await using stage = await startStage(seed);
  log(`${since()}: started`);
  const people = planPeople(seed, spendsInASecond * seconds);
  const texts = openTexts(people, seed);
  await createPeople(stage, people, seed);
  log(`${since()}: ${people.keys.length} keys`);
  const end = performance.now() + seconds * 1_000;
  let isHealed = false;
  const faults = runFaults(stage, seed, () => performance.now() > end).finally(() => (isHealed = true));
  const managers = runManagers(stage, people, texts, seed, () => isHealed);
  // Clients go on for a while when all is well again.
  let isOver = false;
  const clients = runClients(stage, people, texts, seed, () => isOver);
  const over = Promise.all([faults, managers])
    .then(() => wait(3_000))
    .finally(() => (isOver = true));
  const [made, attempts] = await Promise.all([faults, clients, managers, over]);
  log(`${since()}: ${attempts.length} requests; settling`);

  const left = await settle(stage);
  log(`${since()}: settled`);
  const codes = await stage.stop();
  log(`${since()}: stopped`);
  const ledger = await readLedger(stage.database);
  const { answered: scored, refused: refusedByUpstream } = stage.upstream;
  const { blocks } = texts;
  const { outages } = stage;
  const record: Record = { people, attempts, blocks, outages, ledger, lateness, scored, refusedByUpstream };
  const accounting = checkAccounting(record);
  const budgets = checkBudgets(record);
  const blocked = checkBlocks(record);
  const answers = checkAnswers(record);
  return {
    problems: [
      ...accounting.problems,
      ...budgets.problems,
      ...blocked.problems,
      ...answers.problems,
      ...(left.length === 0 ? [] : [`the journal is not empty: ${left.join(", ")}`]),
      ...(codes.every((code) => code === 0) ? [] : [`proxies ended with ${codes.join(", ")}`]),
    ],
    figures: {
      requests: attempts.length,
      ...answers.counts,
      "longest answer, ms": Math.round(answers.longest),
      booked: accounting.booked,
      lost: accounting.lost,
      "oldest lost, ms before the kill": Math.round(accounting.oldestLost),
      "timers late while it ran, ms": Math.round(lateness.between(end - seconds * 1_000, performance.now())),
      "budgets spent": `${budgets.spent} (${JSON.stringify(budgets.ofKind)})`,
      "most beyond a budget, US dollars": budgets.mostBeyond / 1e9,
      blocks: blocks.length,
      "last request let in after a block, ms": Math.round(blocked.latest),
      ...Object.fromEntries(made),
    },
  };
}

/** @returns the journals that nobody has booked */
async function settle(stage: Stage): Promise<readonly string[]> {
  const until = performance.now() + settlesWithin;
  for (;;) {
    const left = await stage.journals();
    if (left.length === 0 || performance.now() > until) return left;
    await wait(100);
  }
}
