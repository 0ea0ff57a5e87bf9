import { parseArgs } from "node:util";

import * as v from "valibot";

import { printLines } from "../dispatch/line.ts";
import { startReplica } from "../dispatch/replica.ts";
import { type Order, generate } from "../proxy/load/generate.ts";
import type { Measured, Target } from "../proxy/load/measured.ts";
import { type Shape, largeShape, proxyBody, smallShape } from "../proxy/load/shapes.ts";
import { median } from "../proxy/median.ts";
import { masterKey, startWith } from "../proxy/servers/gateway.ts";
import { printRow } from "../proxy/table.ts";

/**
 * Whether a shadow or a split makes answers later: `node -C source bench/combined/speed.ts [--rounds 30] [--seconds 0.3]`.
 * The built proxy, three simulated servers (4 ms a batch for what is answered; a fast and a slow one for the shadows) and
 * the load are processes of their own. One proxy serves the same server under several model names: twice as it is, with
 * shadows of 5 % and of all requests, and behind a split. They take turns within each round: first at a fixed rate, which
 * leaves the machine room and shows what a caller waits for, then at full speed. Ratios are computed within each round; the
 * second plain model says how much chance there is in them. Exits with 1 when answers at the fixed rate are later in so many
 * rounds that chance does not explain it.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "30" },
    /** Of each model in each round. */
    seconds: { type: "string", default: "0.3" },
    /** Requests a second, of the small and of the large shape. */
    rates: { type: "string", default: "100,15" },
    /** At full speed; the documents of all of them find a place at the server. */
    connections: { type: "string", default: "16,4" },
  },
});
const [rounds, seconds] = [Number(values.rounds), Number(values.seconds)];
const [smallRate = 1, largeRate = 1] = values.rates.split(",").map(Number);
const [smallCrowd = 1, largeCrowd = 1] = values.connections.split(",").map(Number);
const plain = "plain";
/** Of 30 rounds, that many or more are later by chance once in 400 times. */
const mostLater = Math.ceil(rounds * 0.75);

await using served = await startReplica({ microsecondsPerToken: 0, millisecondsPerBatch: 4 });
await using fast = await startReplica({ microsecondsPerToken: 0 });
await using slow = await startReplica({ microsecondsPerToken: 0, millisecondsPerBatch: 200 });
const models: Readonly<Record<string, object>> = {
  [plain]: at(served.url),
  "plain again": at(served.url),
  "shadow 5 %, fast": { ...at(served.url), shadow: shadow("fast", 0.05) },
  "shadow 5 %, slow": { ...at(served.url), shadow: shadow("slow", 0.05) },
  "shadow 100 %, fast": { ...at(served.url), shadow: shadow("fast", 1) },
  "shadow 100 %, slow": { ...at(served.url), shadow: shadow("slow", 1) },
  split: { model: "split/two", split: { [plain]: 0.9, "plain again": 0.1 } },
};
const unasked = { fast: at(fast.url), slow: at(slow.url) };
await using proxy = await startWith("node", {
  model_list: Object.entries({ ...models, ...unasked }).map(([name, params]) => ({
    model_name: name,
    dheera_ai_params: params,
  })),
  general_settings: { master_key: masterKey },
});

const lines = [];
for (const [shape, rate, connections] of [
  [smallShape, smallRate, smallCrowd],
  [largeShape, largeRate, largeCrowd],
] as const) {
  // What runs on each of the ways is optimised by then.
  const targets = Object.keys(models).map((name) => targetOf(shape, name));
  await generate({ targets, connections, seconds: 0.1, rounds: 1, warmUp: 4 });
  for (const [name, later] of await measure(shape, { rate, connections: 16 }, rounds))
    if (name !== plain)
      lines.push({
        what: `${shape.name}, ${name}: rounds of ${rounds} with a later p50 at ${rate} requests/s`,
        measured: String(later),
        target: `< ${mostLater}`,
        pass: later < mostLater,
      });
  await measure(shape, { connections }, Math.ceil(rounds / 3));
}
console.log();
printLines(lines);
await printCompared();
if (lines.some(({ pass }) => !pass)) process.exitCode = 1;

function at(url: string): Readonly<Record<string, unknown>> {
  return { model: "huggingface/simulated/reranker", api_base: url };
}

/** As many at one time as the load needs, so that none is left out for being one too many. */
function shadow(model: string, sample: number): object {
  return { model, sample, max_parallel: 1_000 };
}

function targetOf(shape: Shape, model: string): Target {
  return { url: `${proxy.url}/rerank`, key: masterKey, body: proxyBody(shape, model), unique: true };
}

/** Prints what each model did. @returns in how many rounds its p50 was later than the plain one's */
async function measure(
  shape: Shape,
  { rate, connections }: Pick<Order, "rate" | "connections">,
  times: number,
): Promise<ReadonlyMap<string, number>> {
  const names = Object.keys(models);
  const targets = names.map((name) => targetOf(shape, name));
  const measured = await generate({ targets, connections, rate, seconds, rounds: times, warmUp: 1 });
  const [yardstick = []] = measured;
  const later = new Map<string, number>();
  for (const [position, name] of names.entries()) {
    const own = measured[position] ?? [];
    const typical = (figure: keyof Measured): string => median(own.map((round) => round[figure])).toFixed(2);
    const p50 = ratios(own, yardstick, "p50");
    later.set(name, p50.filter((ratio) => ratio > 1).length);
    printRow({
      shape: shape.name,
      load: rate === undefined ? `${connections} connections` : `${rate} requests/s`,
      model: name,
      "p50 ms": typical("p50"),
      "p99 ms": typical("p99"),
      "requests/s": typical("requestsPerSecond"),
      "× plain, p50": withSpread(p50),
      "× plain, p99": withSpread(ratios(own, yardstick, "p99")),
      "× plain, requests/s": withSpread(ratios(own, yardstick, "requestsPerSecond")),
      failed: String(own.reduce((sum, { failures }) => sum + failures, 0)),
    });
  }
  return later;
}

function ratios(own: readonly Measured[], yardstick: readonly Measured[], figure: keyof Measured): readonly number[] {
  return own.map((round, position) => round[figure] / (yardstick[position]?.[figure] ?? Number.NaN));
}

/** The median, and the quartiles. */
function withSpread(numbers: readonly number[]): string {
  const sorted = numbers.toSorted((a, b) => a - b);
  const quantile = (share: number): string =>
    (sorted[Math.round(share * (sorted.length - 1))] ?? Number.NaN).toFixed(2);
  return `${median(numbers).toFixed(3)} (${quantile(0.25)}–${quantile(0.75)})`;
}

/** What became of the requests to the shadows: a shadow that asked nothing would cost nothing. */
async function printCompared(): Promise<void> {
  const answer = await fetch(`${proxy.url}/shadow/info`, { headers: { authorization: `Bearer ${masterKey}` } });
  const counts = v.record(v.string(), v.number());
  const pair = v.object({ model: v.string(), compared: v.number(), failed: counts, dropped: counts });
  for (const { model, compared, failed, dropped } of v.parse(v.object({ data: v.array(pair) }), await answer.json())
    .data)
    printRow({ model, compared: String(compared), failed: JSON.stringify(failed), dropped: JSON.stringify(dropped) });
}
