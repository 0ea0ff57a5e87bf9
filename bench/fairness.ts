import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import * as v from "valibot";

import { startProxy } from "../test/support/proxy-process.ts";
import { createFolder } from "../test/support/temporary-folder.ts";
import { printLines } from "./dispatch/line.ts";
import { startReplica } from "./dispatch/replica.ts";
import { equalTexts } from "./dispatch/texts.ts";
import { type Answers, keepAsking } from "./fairness/client.ts";
import { median } from "./proxy/median.ts";
import { printRow } from "./proxy/table.ts";

/**
 * What a small request of one key waits for beside the flood of another: `node -C source bench/fairness.ts [--seconds 30]
 * [--rounds 3] [--floods 12x10000,…]`. Proxy, simulated server and flood are processes of their own, on real sockets.
 * In each round the small requests (one at a time, four documents) go alone first and then beside the flood, which
 * keeps the server at its capacity. Exits with 1 when a target is missed, in the medians over the rounds.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "30" },
    rounds: { type: "string", default: "3" },
    floods: { type: "string", default: "12x10000,30x10000,100x100,300x32" },
    "microseconds-per-token": { type: "string", default: "5" },
    "milliseconds-per-batch": { type: "string", default: "4" },
  },
});
const seconds = Number(values.seconds);
const tokens = 20;
const mostTimesP50 = 3;
const mostTimesP99 = 5;

interface Figures {
  readonly p50: number;
  readonly p99: number;
  readonly refused: number;
}

/** What became of a flood. */
interface Flood {
  readonly answered: number;
  readonly refused: number;
  /** Documents that the server scored a second while the flood was alone. */
  readonly alone: number;
  /** And while the small requests were beside it. */
  readonly beside: number;
}

const floodSchema = v.object({ answered: v.number(), refused: v.number() });

await using replica = await startReplica({
  microsecondsPerToken: Number(values["microseconds-per-token"]),
  millisecondsPerBatch: Number(values["milliseconds-per-batch"]),
});
await using folder = await createFolder({
  "config.yaml": `
model_list:
  - model_name: reranker
    dheera_ai_params: { model: huggingface/simulated/reranker, api_base: "${replica.url}" }
general_settings:
  keys: [{ name: small, key: os.environ/SMALL }, { name: flood, key: os.environ/FLOOD }]
`,
});
const proxy = await startProxy(`${folder.path}/config.yaml`, {
  SMALL: "sk-small",
  FLOOD: "sk-flood",
  LOG_LEVEL: "error",
});
const small = { url: proxy.url, key: "sk-small", documents: equalTexts(4, tokens) };
await askFor(3);
const lines = [];
for (const flood of values.floods.split(",")) {
  const timesP50: number[] = [];
  const timesP99: number[] = [];
  let refused = 0;
  for (let round = 1; round <= Number(values.rounds); round++) {
    const alone = figuresOf(await askFor(Math.max(5, seconds / 3)));
    const [beside, load] = await besideFlood(flood);
    timesP50.push(beside.p50 / alone.p50);
    timesP99.push(beside.p99 / alone.p99);
    refused += beside.refused;
    printRow({
      flood,
      round: String(round),
      "alone p50 ms": alone.p50.toFixed(1),
      "alone p99 ms": alone.p99.toFixed(1),
      "beside p50 ms": beside.p50.toFixed(1),
      "beside p99 ms": beside.p99.toFixed(1),
      "× p50": (beside.p50 / alone.p50).toFixed(2),
      "× p99": (beside.p99 / alone.p99).toFixed(2),
      "small refused": String(beside.refused),
      "flood answered": String(load.answered),
      "flood refused": String(load.refused),
      "documents/s, flood alone": load.alone.toFixed(0),
      "documents/s beside": load.beside.toFixed(0),
    });
  }
  lines.push(
    line(`${flood}: p50, times alone`, median(timesP50), mostTimesP50),
    line(`${flood}: p99, times alone`, median(timesP99), mostTimesP99),
    { what: `${flood}: small requests refused`, measured: String(refused), target: "0", pass: refused === 0 },
  );
}
await proxy.stop();
printLines(lines);
if (lines.some(({ pass }) => !pass)) process.exitCode = 1;

function line(what: string, measured: number, target: number): Parameters<typeof printLines>[0][number] {
  return { what, measured: measured.toFixed(2), target: `< ${target}`, pass: measured < target };
}

async function askFor(duration: number): Promise<Answers> {
  return keepAsking(small, 1, AbortSignal.timeout(duration * 1_000));
}

function figuresOf({ milliseconds, refused }: Answers): Figures {
  const sorted = milliseconds.toSorted((a, b) => a - b);
  const quantile = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
  return { p50: quantile(0.5), p99: quantile(0.99), refused };
}

/** The flood alone at first, then with the small requests beside it. */
async function besideFlood(flood: string): Promise<readonly [Figures, Flood]> {
  const [connections = "1", documents = "1"] = flood.split("x");
  const args = [proxy.url, "sk-flood", connections, documents, String(tokens)];
  const child = fork(fileURLToPath(new URL("fairness/flood.ts", import.meta.url)), args, {
    execArgv: ["-C", "source"],
  });
  await sleep(2_000);
  const alone = await scoredEachSecond(() => sleep((seconds / 3) * 1_000));
  let answers: Answers = { milliseconds: [], refused: 0 };
  const beside = await scoredEachSecond(async () => {
    answers = await askFor(seconds);
  });
  const told = once(child, "message");
  child.send("stop");
  const [load] = v.parse(v.tuple([floodSchema]), (await told).slice(0, 1));
  await sleep(500);
  return [figuresOf(answers), { ...load, alone, beside }];
}

async function scoredEachSecond(meanwhile: () => Promise<void>): Promise<number> {
  const [before, began] = [await replica.stats(), performance.now()];
  await meanwhile();
  const after = await replica.stats();
  return ((after.pairsScored - before.pairsScored) * 1_000) / (performance.now() - began);
}
