import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

import { type CallFacts, newReport } from "@dheera-ai/core";

import { createTelemetry } from "../apps/proxy/src/telemetry/create-telemetry.ts";
import { type RequestFacts, type Telemetry, noTelemetry } from "../apps/proxy/src/telemetry/telemetry.ts";

/**
 * What telemetry costs one request with one call, in CPU time of all threads: `node -C source bench/telemetry.ts`. Each
 * kind of telemetry is measured in a process of its own, as it runs in production, with its lines going through a pipe;
 * requests come eight at a time. A figure is the least of many rounds, because whatever else the machine does only adds
 * to it. Exits with 1 when metrics and logs together cost more than a request may spend.
 */
const most = 8_000;
const rounds = 40;
const requests = 4_000;
const atOnce = 8;

const headers = new Headers();
const call: CallFacts = {
  callId: "0b5a5d4e-3a53-4f0e-9d1c-9d3f5f6d1c11",
  tenant: "team",
  billing: "compute",
  deployment: "bge-1",
  modelName: "bge",
  provider: "huggingface",
  model: "BAAI/bge-reranker-base",
  documents: 32,
  queueMilliseconds: 0.2,
  attempt: 0,
  hedge: false,
};
const { callId } = call;
const start = { callId, method: "POST", route: "/v1/rerank", headers };
const answer = { usage: { inputTokens: 1_000 } };
const report = {
  ...newReport(),
  deployment: "bge-1",
  modelName: "bge",
  documents: 32,
  batches: 1,
  tokens: 1_000,
  upstreamMilliseconds: 12.5,
};
const facts: RequestFacts = {
  callId,
  method: "POST",
  route: "/v1/rerank",
  status: 200,
  durationMilliseconds: 12.9,
  modelName: "bge",
  caller: "team",
  report,
};

const logged = { level: "info" };
const silent = { level: "silent" };
const kinds: Readonly<Record<string, () => Promise<Telemetry>>> = {
  nothing: async () => noTelemetry,
  metrics: () => createTelemetry({ environment: {}, log: silent }),
  logs: () => createTelemetry({ environment: {}, log: logged, metrics: false }),
  "metrics and logs": () => createTelemetry({ environment: {}, log: logged }),
  "traces, none sampled": () => createTelemetry({ environment: traced("always_off"), log: silent, metrics: false }),
  "traces, all sampled": () => createTelemetry({ environment: traced("always_on"), log: silent, metrics: false }),
};

const kind = process.argv[2];
if (kind === undefined) await compare();
else process.stderr.write(String(await measure((await kinds[kind]?.()) ?? noTelemetry)), () => process.exit());

async function compare(): Promise<void> {
  const nothing = await measureApart("nothing");
  const costs: Record<string, number> = {};
  for (const name of Object.keys(kinds)) if (name !== "nothing") costs[name] = (await measureApart(name)) - nothing;
  for (const [name, nanoseconds] of Object.entries(costs))
    console.log(`${name.padEnd(22)} ${nanoseconds.toFixed(0).padStart(6)} ns a request`);
  if ((costs["metrics and logs"] ?? 0) > most) process.exitCode = 1;
}

async function measureApart(name: string): Promise<number> {
  const child = spawn(process.execPath, ["-C", "source", fileURLToPath(import.meta.url), name], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stdout.resume();
  return Number(await text(child.stderr));
}

/** Nanoseconds of CPU time that a request takes. */
async function measure(telemetry: Telemetry): Promise<number> {
  telemetry.watch?.(() => ({ dheera: { models: () => ["bge"], deployments: () => [] }, keyNames: new Set(["team"]) }));
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const started = process.cpuUsage();
    for (let done = 0; done < requests; done += atOnce) {
      await Promise.all(Array.from({ length: atOnce }, () => request(telemetry)));
      await new Promise(setImmediate);
    }
    const { user, system } = process.cpuUsage(started);
    least = Math.min(least, ((user + system) * 1_000) / requests);
  }
  return least;
}

/** Events as the proxy and core report them. */
async function request(telemetry: Telemetry): Promise<void> {
  const run = async (): Promise<void> => {
    await (telemetry.observer?.call ? telemetry.observer.call(call, upstream) : upstream());
    telemetry.requestEnded?.(facts);
  };
  await (telemetry.around ? telemetry.around(start, run) : run());
}

async function upstream(): Promise<typeof answer> {
  return answer;
}

/** No process listens there: spans are made and given up. */
function traced(sampler: string): Record<string, string> {
  return { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9", OTEL_TRACES_SAMPLER: sampler };
}
