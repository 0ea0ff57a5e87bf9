import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { Pool } from "undici";

import { type ProxyProcess, startProxy } from "../test/support/proxy-process.ts";
import { createFolder } from "../test/support/temporary-folder.ts";
import { worstBodies } from "./bodies/worst-bodies.ts";
import { freePort, run, start } from "./proxy/processes.ts";
import { printRow } from "./proxy/table.ts";

/**
 * Whether anybody can stop the proxy with what a request holds: `node -C source bench/bodies.ts [--seconds 10] [--only
 * records] [--connections 200]`. Each of the worst bodies is sent 200 at a time, by one key, to a proxy whose heap is what
 * the 1 GiB of `deploy/` leaves it, while another key sends small requests. Exits with 1 when the proxy ends, a small
 * request fails, or their p99 reaches 250 ms. What the machine's other programs take is seen in the small requests alone,
 * and in how long the proxy's own event loop was held up: by small requests alone, by one of the bodies after the other,
 * and by all of them. Linux only.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "10" },
    connections: { type: "string", default: "200" },
    only: { type: "string", default: "" },
  },
});
const heapMegabytes = 600;
const mostMilliseconds = 250;
const mostMegabytes = 1024;
const keys = { flood: "sk-flood", small: "sk-small" };
const script = (name: string): string => fileURLToPath(new URL(`bodies/${name}`, import.meta.url));

await using large = await startUpstream();
await using small = await startUpstream();
await using folder = await createFolder({ "config.yaml": configuration(large.url, small.url) });

for (const { name } of worstBodies.filter((body) => body.name.includes(values.only))) {
  const proxy = await startProxy(`${folder.path}/config.yaml`, {
    NODE_OPTIONS: `--max-old-space-size=${heapMegabytes} --import=${script("watch-loop.ts")}`,
    FLOOD_KEY: keys.flood,
    SMALL_KEY: keys.small,
  });
  // The first half warms up; the second is what the machine makes of a small request alone.
  await measure(proxy.url, 2);
  await longestHold(proxy);
  const alone = timesOf(await measure(proxy.url, 2));
  const holds = [await longestHold(proxy)];
  await flood(proxy.url, name, "2", "1");
  holds.push(await longestHold(proxy));
  const end = new AbortController();
  const flooded = flood(proxy.url, name, values.seconds, values.connections).finally(() => end.abort());
  const latencies = await measure(proxy.url, Number(values.seconds), end.signal);
  const answers = await flooded;
  holds.push(await longestHold(proxy));
  const peak = peakMegabytes(proxy.pid);
  await wait(100);
  const code = await Promise.race([proxy.stop(), wait(60_000, "does not end")]);
  const failed = latencies.filter(({ status }) => status !== 200).length;
  const times = timesOf(latencies);
  const p99 = quantile(times, 0.99);
  const pass = code === 0 && failed === 0 && p99 < mostMilliseconds && peak < mostMegabytes;
  if (!pass) process.exitCode = 1;
  printRow({
    "200 at a time": name,
    answers: Object.entries<number>(JSON.parse(answers))
      .map(([status, count]) => `${status}: ${count}`)
      .join(", "),
    "small requests": String(times.length),
    failed: String(failed),
    "alone, p50 and p99": `${quantile(alone, 0.5).toFixed(0)}, ${quantile(alone, 0.99).toFixed(0)} ms`,
    p50: `${quantile(times, 0.5).toFixed(0)} ms`,
    p99: `${p99.toFixed(0)} ms`,
    worst: `${quantile(times, 1).toFixed(0)} ms`,
    "p99 to alone": `${(p99 / quantile(alone, 0.99)).toFixed(1)} ×`,
    "loop held up alone, by one body, by all": `${holds.map(({ held }) => held).join(", ")} ms`,
    "of it at work": `${holds.map(({ work }) => work).join(", ")} ms`,
    "peak memory": `${peak.toFixed(0)} MiB`,
    verdict: pass ? "pass" : "MISS",
  });
}

/** Sends a body over so many connections. @returns how often each status was answered, as JSON */
function flood(url: string, body: string, seconds: string, connections: string): Promise<string> {
  const load = { url, key: keys.flood, body, seconds, connections };
  const args = Object.entries(load).flatMap(([option, value]) => [`--${option}`, value]);
  return run(process.execPath, ["-C", "source", script("flood.ts"), ...args]);
}

interface Hold {
  /** Milliseconds for which the proxy's event loop was held up at the longest; NaN where the proxy has ended. */
  readonly held: number;
  /** The most milliseconds of the processor that it took in one go. */
  readonly work: number;
}

/** Since the last time. */
async function longestHold(proxy: ProxyProcess): Promise<Hold> {
  const said = (): readonly RegExpMatchArray[] => [
    ...proxy.output().matchAll(/event loop held up (\d+) ms, at work for (\d+) ms/g),
  ];
  const before = said().length;
  proxy.signal("SIGUSR2");
  for (let tries = 0; tries < 1_000 && said().length === before; tries++) await wait(10);
  const [, held, work] = said()[before] ?? [];
  return { held: Number(held), work: Number(work) };
}

interface Answered {
  readonly status: number;
  readonly milliseconds: number;
}

/** Milliseconds, the shortest first. */
function timesOf(answered: readonly Answered[]): readonly number[] {
  return answered.map(({ milliseconds }) => milliseconds).toSorted((one, other) => one - other);
}

/** Small requests, two at a time, a hundredth of a second apart. */
async function measure(
  url: string,
  seconds: number,
  signal: AbortSignal = new AbortController().signal,
): Promise<readonly Answered[]> {
  const pool = new Pool(url, { connections: 2 });
  const answered: Answered[] = [];
  const end = performance.now() + seconds * 1_000;
  let number = 0;
  const client = async (): Promise<void> => {
    for (;;) {
      if (performance.now() >= end || signal.aborted) return;
      const documents = Array.from({ length: 4 }, () => `${number++} `.padEnd(80, "words "));
      const started = performance.now();
      const status = await ask(pool, JSON.stringify({ model: "small", query: `question ${number}`, documents }));
      answered.push({ status, milliseconds: performance.now() - started });
      await wait(10);
    }
  };
  await Promise.all([client(), client()]);
  await pool.destroy();
  return answered;
}

async function ask(pool: Pool, body: string): Promise<number> {
  try {
    const headers = { "content-type": "application/json", authorization: `Bearer ${keys.small}` };
    const answer = await pool.request({ method: "POST", path: "/rerank", headers, body });
    await answer.body.dump();
    return answer.statusCode;
  } catch {
    return 0;
  }
}

async function startUpstream(): ReturnType<typeof start> {
  const port = await freePort();
  return start(process.execPath, [script("upstream.ts"), String(port)], port);
}

function configuration(largeUrl: string, smallUrl: string): string {
  const entry = (name: string, url: string): string =>
    `  - { model_name: ${name}, dheera_ai_params: { model: huggingface/simulated/reranker, api_base: "${url}" } }`;
  return `
model_list:
${entry("large", largeUrl)}
${entry("small", smallUrl)}
general_settings:
  keys:
    - { name: flood, key: os.environ/FLOOD_KEY }
    - { name: small, key: os.environ/SMALL_KEY }
`;
}

/** The most memory that a process has had; NaN where it has ended. */
function peakMegabytes(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
  } catch {
    return Number.NaN;
  }
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
