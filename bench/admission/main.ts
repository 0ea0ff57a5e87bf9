import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";

import { type ProxyProcess, startProxy } from "../../test/support/proxy-process.ts";
import { type RedisServer, startRedisServer } from "../../test/support/redis-server.ts";
import { createFolder } from "../../test/support/temporary-folder.ts";
import { type Clients, startClients } from "./clients.ts";
import { type Line, printLines } from "../dispatch/line.ts";
import { type Replica, startReplica } from "../dispatch/replica.ts";
import { printRow } from "../proxy/table.ts";

/**
 * Four proxies before one server that has fewer permits than their clients have documents: `node -C source
 * bench/admission/main.ts [--seconds 10] [--proxies 4] [--clients 64] [--permits 64] [--documents 8]
 * [--microseconds-per-token 25]`. Server, proxies, the clients of each and Redis are processes of
 * their own. One proxy alone; four that share the server; one of four killed; Redis killed and started again; and four
 * each for itself. Exits with 1 when a target is missed.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "10" },
    proxies: { type: "string", default: "4" },
    clients: { type: "string", default: "64" },
    permits: { type: "string", default: "64" },
    documents: { type: "string", default: "8" },
    "microseconds-per-token": { type: "string", default: "25" },
  },
});
const seconds = Number(values.seconds);
const documents = Number(values.documents);
const count = Number(values.proxies);
const tokens = 20;
const key = "sk-bench";
const mostRefused = 0.01;
const leastGoodput = 0.95;
const mostApart = 1.5;
/** Answers for each client before anything is measured: what was asked first was divided for the part of a beginner. */
const answersBefore = 2;
const sampleMs = 250;

interface Stack extends AsyncDisposable {
  readonly server: Replica;
  readonly redis: RedisServer;
  readonly proxies: readonly ProxyProcess[];
  readonly clients: readonly Clients[];
}

interface Figures {
  /** Documents a second that clients had. */
  readonly goodput: number;
  /** Of each proxy. */
  readonly each: readonly number[];
  /** Share of the calls that the server refused. */
  readonly refused: number;
  /** Requests that clients saw fail. */
  readonly failed: number;
}

const lines: Line[] = [];
const alone = await measure("one proxy alone", 1, true);
const shared = await measure(`${count} proxies that share`, count, true);
lines.push(
  target("refused calls", percent(shared.refused), `< ${percent(mostRefused)}`, shared.refused < mostRefused),
  target(
    "goodput to one proxy's",
    percent(shared.goodput / alone.goodput),
    `≥ ${percent(leastGoodput)}`,
    shared.goodput / alone.goodput >= leastGoodput,
  ),
  target("largest share to smallest", apart(shared).toFixed(2), `≤ ${mostApart}`, apart(shared) <= mostApart),
);
await killProxy();
await restartRedis();
const apartFigures = await measure(`${count} proxies, each for itself`, count, false);
lines.push({ what: "each for itself: refused calls", measured: percent(apartFigures.refused), target: "" });
printLines(lines);
if (lines.some(({ pass }) => pass === false)) process.exitCode = 1;

async function measure(what: string, proxies: number, shares: boolean): Promise<Figures> {
  await using stack = await startStack(proxies, shares);
  await settled(stack);
  const figures = await figuresOf(stack, seconds * 1_000);
  print(what, figures);
  return figures;
}

/** One of them dies without a word: the others are to have its part within seconds. */
async function killProxy(): Promise<void> {
  await using stack = await startStack(count, true);
  await settled(stack);
  const before = await figuresOf(stack, (seconds * 1_000) / 2);
  const stats = await stack.server.stats();
  stack.proxies[0]?.signal("SIGKILL");
  const [, ...survivors] = stack.clients;
  const killedAt = performance.now();
  let backAfter = Infinity;
  let last = await total(survivors);
  const [first, at] = [last, performance.now()];
  while (performance.now() - killedAt < seconds * 1_000) {
    const sampledAt = performance.now();
    await sleep(sampleMs);
    const now = await total(survivors);
    const rate = ((now - last) * documents * 1_000) / (performance.now() - sampledAt);
    if (backAfter === Infinity && rate >= before.goodput * leastGoodput) backAfter = performance.now() - killedAt;
    last = now;
  }
  const goodput = ((last - first) * documents * 1_000) / (performance.now() - at);
  const refused = refusedSince(stats, await stack.server.stats());
  printRow({
    what: "one killed",
    "documents/s before": before.goodput.toFixed(0),
    after: goodput.toFixed(0),
    refused: percent(refused),
  });
  lines.push(
    target("one killed: its part is back after", `${(backAfter / 1_000).toFixed(1)} s`, "< 5 s", backAfter < 5_000),
    target("one killed: refused calls", percent(refused), `< ${percent(mostRefused)}`, refused < mostRefused),
  );
}

/** It is away for some seconds, and has forgotten everything when it is back. */
async function restartRedis(): Promise<void> {
  await using stack = await startStack(count, true);
  await settled(stack);
  const before = await figuresOf(stack, (seconds * 1_000) / 2);
  await stack.redis.kill();
  const away = await figuresOf(stack, (seconds * 1_000) / 2);
  await stack.redis.start();
  const back = await figuresOf(stack, (seconds * 1_000) / 2);
  const after = await figuresOf(stack, (seconds * 1_000) / 2);
  print("before Redis is killed", before);
  print("while it is away", away);
  print("the first seconds after", back);
  print("afterwards", after);
  const worst = Math.min(away.goodput, back.goodput, after.goodput) / before.goodput;
  const refused = Math.max(back.refused, after.refused);
  lines.push(
    target("Redis restarts: goodput to before", percent(worst), `≥ ${percent(0.9)}`, worst >= 0.9),
    target("Redis away: refused calls", percent(away.refused), `< ${percent(mostRefused)}`, away.refused < mostRefused),
    target("Redis back: refused calls", percent(refused), `< ${percent(mostRefused)}`, refused < mostRefused),
    target(
      "Redis back: largest share to smallest",
      apart(after).toFixed(2),
      `≤ ${mostApart}`,
      apart(after) <= mostApart,
    ),
  );
}

async function settled({ clients }: Stack): Promise<void> {
  const least = answersBefore * Number(values.clients);
  while ((await all(clients)).some(({ answered }) => answered < least)) await sleep(sampleMs);
}

async function startStack(proxyCount: number, shares: boolean): Promise<Stack> {
  const stack = new AsyncDisposableStack();
  const server = stack.use(
    await startReplica({
      microsecondsPerToken: Number(values["microseconds-per-token"]),
      millisecondsPerBatch: 4,
      permits: Number(values.permits),
    }),
  );
  const redis = stack.use(await startRedisServer());
  const folder = stack.use(await createFolder({ "config.yaml": configuration(server, redis, shares) }));
  const proxies = await Promise.all(
    Array.from({ length: proxyCount }, () => startProxy(`${folder.path}/config.yaml`, { LOG_LEVEL: "error" })),
  );
  for (const proxy of proxies) stack.use(proxy);
  const clients = proxies.map(({ url }) =>
    stack.use(startClients({ url, key, connections: Number(values.clients), documents, tokens })),
  );
  return { server, redis, proxies, clients, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

function configuration({ url }: Replica, redis: RedisServer, shares: boolean): string {
  return `
model_list:
  - model_name: reranker
    dheera_ai_params: { model: huggingface/simulated/reranker, api_base: "${url}" }
general_settings:
  master_key: ${key}
router_settings:
  redis_url: ${redis.url}
  shared_admission: ${shares}
`;
}

async function figuresOf({ server, clients }: Stack, milliseconds: number): Promise<Figures> {
  const [stats, served, began] = [await server.stats(), await all(clients), performance.now()];
  await sleep(milliseconds);
  const [statsAfter, servedAfter, ended] = [await server.stats(), await all(clients), performance.now()];
  const each = servedAfter.map(
    ({ answered }, at) => ((answered - (served[at]?.answered ?? 0)) * documents * 1_000) / (ended - began),
  );
  return {
    goodput: sum(each),
    each,
    refused: refusedSince(stats, statsAfter),
    failed: sum(servedAfter.map(({ refused }) => refused)) - sum(served.map(({ refused }) => refused)),
  };
}

type Stats = Awaited<ReturnType<Replica["stats"]>>;

function refusedSince(before: Stats, after: Stats): number {
  return ((after.statuses["429"] ?? 0) - (before.statuses["429"] ?? 0)) / Math.max(1, after.calls - before.calls);
}

function all(clients: readonly Clients[]): Promise<Awaited<ReturnType<Clients["served"]>>[]> {
  return Promise.all(clients.map((one) => one.served()));
}

async function total(clients: readonly Clients[]): Promise<number> {
  return sum((await all(clients)).map(({ answered }) => answered));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((so, one) => so + one, 0);
}

function apart({ each }: Figures): number {
  return Math.max(...each) / Math.max(Math.min(...each), 1e-9);
}

function print(what: string, { goodput, each, refused, failed }: Figures): void {
  printRow({
    what,
    "documents/s": goodput.toFixed(0),
    "of each": each.map((one) => one.toFixed(0)).join(" "),
    "refused calls": percent(refused),
    "failed requests": String(failed),
  });
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function target(what: string, measured: string, goal: string, pass: boolean): Line {
  return { what, measured, target: goal, pass };
}
