import { appendFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";

import { openDatabase } from "../../database/open-database.ts";
import { openSpending } from "../open-spending.ts";
import { makeAnswer, makeOwner } from "./answers.ts";

/** What a process of the tests is told to do, as its first argument. */
export interface SpenderOrder {
  readonly url: string;
  readonly journal: string;
  readonly replicaId: string;
  /** Where each answer is written before it is given: its id and when, a line each. */
  readonly answers: string;
  /** US dollars. */
  readonly budget: number;
  /** Nanodollars that a request reserves, and the most that one costs. */
  readonly most: number;
  readonly leastCost: number;
  readonly parallel: number;
  /** Requests of each of them; they end sooner where the budget is spent and `endsWhenSpent`. */
  readonly requests: number;
  readonly endsWhenSpent: boolean;
  /** Milliseconds that an upstream takes. */
  readonly takes: number;
}

const order: SpenderOrder = JSON.parse(process.argv[2] ?? "");
const { url, journal, replicaId, answers, budget, most, leastCost, parallel, requests, endsWhenSpent, takes } = order;

const database = await openDatabase(url, { connectionTimeout: 2 });
const nobody = { info: () => {}, warn: () => {}, error: () => {} };
const spending = openSpending(
  database,
  { database_url: url, spend_journal: journal, allow_requests_on_db_unavailable: true },
  { log: nobody, replicaId, version: "1" },
);
const owners = [makeOwner("key", "shared", { max: budget, since: 0 }), makeOwner("team", "t")];
let answered = 0;
let refused = 0;

async function run(of: number): Promise<void> {
  for (let request = 0; request < requests; request += 1) {
    try {
      const reservation = await spending.reserve(owners, most);
      await wait(takes);
      const cost = leastCost + ((request * 7 + of) % (most - leastCost + 1));
      const id = `${replicaId}-${of}-${request}`;
      spending.book(makeAnswer({ request_id: id, at: Date.now(), owners, cost }), reservation);
      appendFileSync(answers, `${id} ${Date.now()}\n`);
      answered += 1;
    } catch {
      refused += 1;
      if (endsWhenSpent) return;
      await wait(takes);
    }
  }
}

process.stdout.write("started\n");
await Promise.all(Array.from({ length: parallel }, (_, of) => run(of)));
await spending.close();
await database.close();
process.stdout.write(`${JSON.stringify({ answered, refused })}\n`);
