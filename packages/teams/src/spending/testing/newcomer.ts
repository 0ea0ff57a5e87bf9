import { createInterface } from "node:readline";

import { openDatabase } from "../../database/open-database.ts";
import { makeSpending } from "../open-spending.ts";
import { makeAnswer, makeOwner } from "./answers.ts";

/** What a process of the tests is told to do, as its first argument; each line that it is sent has it do so once, and say so. */
export interface NewcomerOrder {
  readonly url: string;
  readonly replicaId: string;
  /** Books to owners, or takes room in their budgets for the first time. */
  readonly does: "book" | "reserve";
  /** Half of the owners of a round, of which the other half is called `b`. */
  readonly owners: number;
}

const { url, replicaId, does, owners }: NewcomerOrder = JSON.parse(process.argv[2] ?? "");

const nobody = { info: () => {}, warn: () => {}, error: () => {} };
const database = await openDatabase(url);
const options = { log: nobody, replicaId, version: "1" };
const spending = makeSpending(database, { database_url: url, spend_journal: "" }, options);
process.stdout.write("ready\n");
for await (const round of createInterface({ input: process.stdin })) {
  const all = ["a", "b"].flatMap((kind) =>
    Array.from({ length: owners }, (_, number) => makeOwner("team", `${kind}${number}-${round}`, { max: 9, since: 0 })),
  );
  if (does === "book") {
    spending.book(makeAnswer({ owners: all }));
    await spending.flush();
  } else {
    const reservation = await spending.reserve(all, 1_000);
    if (reservation !== undefined) spending.release(reservation);
  }
  process.stdout.write(`${round}\n`);
}
await spending.close();
await database.close();
