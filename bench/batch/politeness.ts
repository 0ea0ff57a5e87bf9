import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { startProxy } from "../../test/support/proxy-process.ts";
import { createFolder } from "../../test/support/temporary-folder.ts";
import { type Replica, type ReplicaOptions, startReplica } from "../dispatch/replica.ts";
import { equalTexts } from "../dispatch/texts.ts";
import { median } from "../proxy/median.ts";
import { printRow } from "../proxy/table.ts";
import { type Arrivals, sendAtRandom } from "./politeness/arrivals.ts";

/**
 * What requests wait for beside work in the background, and what that gets of the server: `node -C source
 * bench/batch/politeness.ts [--seconds 20] [--rounds 3] [--shares 10,50,80] [--servers one-by-one,…]`. Proxy, simulated
 * server and background work are processes of their own, on real sockets. Requests of 16 documents come at random times, the
 * same ones each time, whatever became of those before, at a rate that wants a share of the server. In each round they go
 * alone first and then beside a key whose `priority` is `background` and that has always 16 requests of 100 documents open.
 * What is left of the server is what the background gets where it is alone, less what the others had. Prints medians over
 * the rounds.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "20" },
    rounds: { type: "string", default: "3" },
    shares: { type: "string", default: "10,50,80" },
    servers: { type: "string", default: "one-by-one,one-by-one-32,batches,large-batches" },
  },
});
const seconds = Number(values.seconds);
const tokens = 20;
/** With its query and what the model adds. */
const tokensOfPair = 29;
const documentsOfRequest = 16;

/** A document takes about 4 ms; or 2 ms and 6 ms a batch of 8; or 0.2 ms and 8 ms a batch of 64. */
const servers: Readonly<Record<string, ReplicaOptions>> = {
  "one-by-one": { microsecondsPerToken: 140, maxBatchTokens: tokensOfPair },
  "one-by-one-32": { microsecondsPerToken: 140, maxBatchTokens: tokensOfPair, permits: 32 },
  batches: { microsecondsPerToken: 70, millisecondsPerBatch: 6, maxBatchTokens: 8 * tokensOfPair, permits: 128 },
  "large-batches": { microsecondsPerToken: 7, millisecondsPerBatch: 8, maxBatchTokens: 64 * tokensOfPair },
};

for (const name of values.servers.split(",")) {
  const options = servers[name];
  if (!options) throw new Error(`there is no server ${name}: ${Object.keys(servers).join(", ")}`);
  await using replica = await startReplica(options);
  await using folder = await createFolder({
    "config.yaml": `
model_list:
  - model_name: reranker
    dheera_ai_params: { model: huggingface/simulated/reranker, api_base: "${replica.url}" }
general_settings:
  keys: [{ name: search, key: os.environ/SEARCH }, { name: batch, key: os.environ/BATCH, priority: background }]
`,
  });
  const proxy = await startProxy(`${folder.path}/config.yaml`, {
    SEARCH: "sk-search",
    BATCH: "sk-batch",
    LOG_LEVEL: "error",
  });
  const capacity = await scoredAlone(replica, proxy.url);
  for (const share of values.shares.split(",").map(Number))
    await measure(name, share, { replica, url: proxy.url, capacity });
  await proxy.stop();
}

interface Place {
  readonly replica: Replica;
  readonly url: string;
  /** Documents a second that background work alone gets of the server. */
  readonly capacity: number;
}

async function measure(name: string, share: number, { replica, url, capacity }: Place): Promise<void> {
  const rounds: { readonly alone: Figures; readonly beside: Figures; readonly got: number; readonly left: number }[] =
    [];
  const arrivals = { url, key: "sk-search", documents: equalTexts(documentsOfRequest, tokens) };
  const perSecond = ((share / 100) * capacity) / documentsOfRequest;
  for (let round = 0; round < Number(values.rounds); round++) {
    await using requests = sendAtRandom(arrivals, perSecond, 7 + round);
    await sleep(2_000);
    const alone = figuresOf(await requests.during(() => sleep(seconds * 1_000)));
    await using _background = startBackground(url);
    await sleep(5_000);
    const [before, began] = [await replica.stats(), performance.now()];
    const beside = await requests.during(() => sleep(seconds * 1_000));
    const [after, lasted] = [await replica.stats(), (performance.now() - began) / 1_000];
    const ofRequests = beside.milliseconds.length * documentsOfRequest;
    const got = after.pairsScored - before.pairsScored - ofRequests;
    rounds.push({ alone, beside: figuresOf(beside), got: got / lasted, left: capacity - ofRequests / lasted });
  }
  const of = (figure: (round: (typeof rounds)[number]) => number): number => median(rounds.map(figure));
  printRow({
    server: name,
    "others want": `${share} %`,
    "p50 ms": of(({ alone }) => alone.p50).toFixed(1),
    beside: of(({ beside }) => beside.p50).toFixed(1),
    "× p50": of(({ alone, beside }) => beside.p50 / alone.p50).toFixed(2),
    "p99 ms": of(({ alone }) => alone.p99).toFixed(1),
    "beside ": of(({ beside }) => beside.p99).toFixed(1),
    "× p99": of(({ alone, beside }) => beside.p99 / alone.p99).toFixed(2),
    "left, documents/s": of(({ left }) => left).toFixed(0),
    "used of it": `${of(({ got, left }) => (100 * got) / left).toFixed(0)} %`,
    refused: String(rounds.reduce((sum, { alone, beside }) => sum + alone.refused + beside.refused, 0)),
  });
}

interface Figures {
  readonly p50: number;
  readonly p99: number;
  readonly refused: number;
}

function figuresOf({ milliseconds, refused }: Arrivals): Figures {
  const sorted = milliseconds.toSorted((a, b) => a - b);
  const quantile = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
  return { p50: quantile(0.5), p99: quantile(0.99), refused };
}

/** Documents that the server scores a second for background work alone. */
async function scoredAlone(replica: Replica, url: string): Promise<number> {
  await using _background = startBackground(url);
  await sleep(2_000);
  const [before, began] = [await replica.stats(), performance.now()];
  await sleep(seconds * 500);
  const after = await replica.stats();
  return ((after.pairsScored - before.pairsScored) * 1_000) / (performance.now() - began);
}

/** 16 requests of 100 documents, each sent anew when it has ended; disposing of it ends them, and what the server has of them. */
function startBackground(url: string): AsyncDisposable {
  const program = fileURLToPath(new URL("../fairness/flood.ts", import.meta.url));
  const child = fork(program, [url, "sk-batch", "16", "100", String(tokens)], { execArgv: ["-C", "source"] });
  return {
    [Symbol.asyncDispose]: async () => {
      const exited = once(child, "exit");
      child.send("stop");
      await exited;
      await sleep(1_500);
    },
  };
}
