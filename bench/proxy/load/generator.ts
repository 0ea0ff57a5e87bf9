import { readFileSync } from "node:fs";

import type { Order } from "./generate.ts";
import type { Measured } from "./measured.ts";
import { type Answers, askAtRate, askWhenAnswered } from "./loops.ts";
import { type Send, openSend } from "./send.ts";

/**
 * A generator of load, a process of its own: `node -C source bench/proxy/load/generator.ts ORDER_FILE`. Prints what it
 * measured as JSON.
 */
const { targets, connections, rate, seconds, rounds, warmUp }: Order = JSON.parse(
  readFileSync(process.argv[2] ?? "", "utf8"),
);
const senders = targets.map((target) => openSend(target, connections));
const measured: Measured[][] = targets.map(() => []);
const warming: number[] = [];

for (const { send } of senders) warming.push(warmUp === 0 ? 0 : (await ask(send, warmUp)).latencies.length);
for (let round = 0; round < rounds; round++)
  for (const [position, { send }] of senders.entries())
    measured[position]?.push(summaryOf(await ask(send, seconds), round === 0 ? warming[position] : 0));
await Promise.all(senders.map(({ close }) => close()));
process.stdout.write(JSON.stringify(measured));

function ask(send: Send, duration: number): Promise<Answers> {
  return rate === undefined ? askWhenAnswered(send, connections, duration) : askAtRate(send, rate, duration);
}

function summaryOf({ latencies, failures, milliseconds }: Answers, before: number = 0): Measured {
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(share * sorted.length)] ?? Number.NaN;
  const requests = sorted.length;
  const requestsPerSecond = (requests / milliseconds) * 1000;
  return { requests: requests + before, requestsPerSecond, p50: at(0.5), p90: at(0.9), p99: at(0.99), failures };
}
