import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";

import { printLines } from "./dispatch/line.ts";
import { masterKey, modelName, startGateway } from "./proxy/servers/gateway.ts";
import { generate } from "./proxy/load/generate.ts";
import { measure, warmUp } from "./proxy/load/load.ts";
import type { Measured } from "./proxy/load/measured.ts";
import { median } from "./proxy/median.ts";
import { printMissing } from "./proxy/programs.ts";
import { type Shape, proxyBody, smallShape } from "./proxy/load/shapes.ts";
import { printRow } from "./proxy/table.ts";
import { startStub } from "./proxy/servers/upstream.ts";

/**
 * What small requests wait while large ones keep the event loop busy: `node -C source bench/loop.ts [--clients 2]
 * [--bytes 500] [--runtime bun]`. Clients send requests of 10,000 documents back to back; small ones are due at a
 * steady rate (open loop). With and without the large ones in turns, medians over the rounds. The stub upstream answers
 * at once and takes 100 documents a call. Exits with 1 when the goal is missed.
 */
const { values } = parseArgs({
  options: {
    clients: { type: "string", default: "1" },
    bytes: { type: "string", default: "500" },
    runtime: { type: "string", default: "node" },
    rate: { type: "string", default: "100" },
    seconds: { type: "string", default: "5" },
    rounds: { type: "string", default: "5" },
    cache: { type: "boolean", default: false },
  },
});
const [rate, seconds, clients] = [Number(values.rate), Number(values.seconds), Number(values.clients)];
const mostMilliseconds = 20;
/** 10,000 documents are a hundred calls of this size, so that the stub's one answer fits each of them. */
const batch: Shape = { name: "a call", documents: 100, bytes: Number(values.bytes) };
const large: Shape = { ...batch, documents: 10_000 };

printMissing("nginx", "wrk");
await using stub = await startStub([smallShape, batch], batch.documents);
await using gateway = await startGateway(values.runtime === "bun" ? "bun" : "node", stub.url, [smallShape, batch], {
  cache: values.cache,
});
const asked = { url: `${gateway.url}/rerank`, key: masterKey };
const small = { ...asked, body: proxyBody(smallShape, modelName(smallShape)) };
// Unique, so that a cache has as much to do as it can have.
const hot = { ...asked, body: proxyBody(large, modelName(batch)), unique: true, connections: clients };

await warmUp(small);
await measure({ ...hot, seconds: 3 });
const quiet: Measured[] = [];
const busy: Measured[] = [];
const larges: Measured[] = [];
for (let round = 0; round < Number(values.rounds); round++) {
  quiet.push(await askSmall());
  const [beside, loop] = await Promise.all([askBeside(), measure({ ...hot, seconds: seconds + 3 })]);
  busy.push(beside);
  larges.push(loop);
}
report("small, alone", quiet);
report("small, beside the large", busy);
report(`10,000 × ${values.bytes} B`, larges);
const p99 = typical(busy, "p99");
const pass = p99 <= mostMilliseconds;
printLines([
  { what: "small beside large, p99", measured: `${p99.toFixed(1)} ms`, target: `≤ ${mostMilliseconds} ms`, pass },
]);
if (!pass) process.exitCode = 1;

/** While the large requests are under way, not before. */
async function askBeside(): Promise<Measured> {
  await sleep(500);
  return askSmall();
}

async function askSmall(): Promise<Measured> {
  const [measured] = await generate({
    targets: [small],
    connections: 64,
    rate,
    onOneCore: true,
    seconds,
    rounds: 1,
    warmUp: 1,
  });
  const [only] = measured ?? [];
  if (!only) throw new Error("nothing was measured");
  return only;
}

function report(requests: string, rounds: readonly Measured[]): void {
  printRow({
    requests,
    "requests/s": typical(rounds, "requestsPerSecond").toFixed(1),
    "p50 ms": typical(rounds, "p50").toFixed(1),
    "p90 ms": typical(rounds, "p90").toFixed(1),
    "p99 ms": typical(rounds, "p99").toFixed(1),
    failures: String(rounds.reduce((sum, { failures }) => sum + failures, 0)),
  });
}

function typical(rounds: readonly Measured[], figure: keyof Measured): number {
  return median(rounds.map((round) => round[figure]));
}
