import { join } from "node:path";

import { askProcess, startProcess } from "../micro/process.ts";
import type { Target } from "../proxy/load/measured.ts";
import { type Shape, proxyBody } from "../proxy/load/shapes.ts";
import { masterKey, modelName, startGateway } from "../proxy/servers/gateway.ts";
import { startStub } from "../proxy/servers/upstream.ts";
import type { Curve, Plan } from "./curve.ts";
import type { Series } from "./figures.ts";
import { type Rounds, inRounds, seriesOf } from "./in-rounds.ts";
import { load, warmUp } from "./load.ts";

const counts = [1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000] as const;
const lengths = [80, 500] as const;
/** Larger requests are several calls of so many, so that one answer fits each of them. */
const documentsPerCall = 1_000;
/** Below, what a request costs itself is more than what its documents cost, and their difference is chance. */
const leastForDifference = 30;

/** Documents in one request: all requests go to one proxy, whose server takes up to 1,000 in a call. */
export const documents: Curve = {
  title: "Documents of one request",
  sizes: "documents",
  async measure(plan) {
    const measured = new Map<string, Rounds>();
    for (const bytes of lengths) measured.set(`${bytes} B, over sockets`, await overSockets(bytes, plan));
    for (const bytes of lengths) measured.set(`${bytes} B, core alone`, await inCore(bytes, plan));
    return [
      { title: "µs of the processor, a document", series: seriesOfAll(measured, "each") },
      { title: "µs of the processor, each document after the first", series: seriesOfAll(measured, "further") },
    ];
  },
};

async function overSockets(bytes: number, { rounds, seconds, enough }: Plan): Promise<Rounds> {
  const shapes = counts.map((count): Shape => ({ name: String(count), documents: count, bytes }));
  const calls = shapes.filter(({ documents: count }) => count <= documentsPerCall);
  await using stub = await startStub(calls, documentsPerCall);
  await using proxy = await startGateway("node", stub.url, calls);
  const modelOf = (count: number): string => modelName({ documents: Math.min(count, documentsPerCall) });
  const targets = new Map(
    shapes.map((shape): [number, Target] => [
      shape.documents,
      { url: `${proxy.url}/rerank`, key: masterKey, body: proxyBody(shape, modelOf(shape.documents)) },
    ]),
  );
  const targetOf = (count: number): [Target] => {
    const target = targets.get(count);
    if (!target) throw new Error(`no request has ${count} documents`);
    return [target];
  };
  await warmUp(targetOf(10), enough);
  for (const count of counts) await warmUp(targetOf(count), 3);
  return withShares(
    await inRounds(counts, rounds, async (count) => {
      const { cpu } = await load(proxy.pid, { targets: targetOf(count), connections: 2, seconds });
      return { cpu };
    }),
  );
}

/** From `rerank` to its answer, in a process that does nothing else. */
async function inCore(bytes: number, { rounds, seconds, enough }: Plan): Promise<Rounds> {
  const child = await startProcess(join(import.meta.dirname, "../.."));
  // As many requests as take about half of the time that is given.
  const requestsOf = (count: number): number => Math.ceil((seconds * 300_000) / (40 + 3 * count));
  const ask = async (count: number): Promise<number> =>
    askProcess(child, { documents: count, bytes, requests: requestsOf(count) });
  await askProcess(child, { documents: 10, bytes, requests: 2 * enough });
  // V8 optimises anew for large requests, of which there are few.
  for (let time = 0; time < 3; time++) for (const count of counts) await ask(count);
  const measured = await inRounds(counts, rounds, async (count) => ({ cpu: await ask(count) }));
  child.disconnect();
  return withShares(measured);
}

/** What a document costs with its share of the request, and what each but the first adds, within each round. */
function withShares(rounds: Rounds): Rounds {
  const ones = rounds.get(1) ?? [];
  return new Map(
    [...rounds].map(([count, measured]) => [
      count,
      measured.map(({ cpu = Number.NaN }, round) => ({
        each: cpu / count,
        ...(count >= leastForDifference && { further: (cpu - (ones[round]?.["cpu"] ?? Number.NaN)) / (count - 1) }),
      })),
    ]),
  );
}

function seriesOfAll(measured: ReadonlyMap<string, Rounds>, figure: string): Series[] {
  return [...measured].map(([name, rounds]) => seriesOf(name, rounds, figure));
}
