import { availableParallelism, loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { type Line, printLines } from "./dispatch/line.ts";
import { type Runtime, commandOf, masterKey, modelName, runtimes, startGateway } from "./proxy/servers/gateway.ts";
import { type Listening, run } from "./proxy/processes.ts";
import { proxyBody, smallShape } from "./proxy/load/shapes.ts";
import { startStub } from "./proxy/servers/upstream.ts";

/**
 * What starting takes, the built product: `node -C source bench/start.ts [--runs 15]`. From the start of the process to
 * its end for commands, to its first answer for the proxy; in turns, medians with quartiles. What the library's import adds is its
 * difference to an empty program within each round. Node.js keeps compiled code of commands between starts; "first start" goes without.
 * Exits with 1 when a goal is missed.
 */
const { values } = parseArgs({ options: { runs: { type: "string", default: "15" } } });

interface Start {
  readonly what: string;
  /** Milliseconds. */
  readonly most?: number;
  /** What is shown is the time beyond that of another start in the same round. */
  readonly beyond?: string;
  /** @returns what has to be stopped */
  readonly run: () => Promise<Listening | undefined>;
}

type Environment = Readonly<Record<string, string>>;

const firstStart: Environment = { NODE_DISABLE_COMPILE_CACHE: "1" };
const mostForCommand = 100;
const mostForAnswer = 500;
/** With all providers there. */
const mostForRanking = 250;
const mostForImport = 25;

/** `import "dheera-ai"` and nothing else, built. */
const library = join(import.meta.dirname, "../packages/dheera-ai/dist/index.js");

await using stub = await startStub([smallShape]);
const starts: readonly Start[] = [
  ...startsOf("node"),
  ...startsOf("bun"),
  { what: "node: dheera_ai --version, first start", run: () => runToEnd(commandOf("node", "--version"), firstStart) },
  { what: "node: the proxy, first answer, first start", run: () => startProxy("node", isAlive, firstStart) },
];
const durations = starts.map((): number[] => []);

console.log(
  `Node.js ${process.versions.node}, load ${loadavg()[0]?.toFixed(1)} on ${availableParallelism()} cores at the start`,
);
// The first of all rounds fills caches.
for (let round = 0; round <= Number(values.runs); round++)
  for (const [position, start] of starts.entries()) {
    const began = performance.now();
    await using _ = await start.run();
    if (round > 0) durations[position]?.push(performance.now() - began);
  }

const lines = starts.map(({ what, most = Infinity, beyond }, position): Line => {
  const others = beyond === undefined ? undefined : durations[starts.findIndex((start) => start.what === beyond)];
  const all = (durations[position] ?? []).map((duration, round) => duration - (others?.[round] ?? 0));
  const [first, middle, third] = [0.25, 0.5, 0.75].map((share) => quantile(all, share).toFixed(0));
  const measured = `${middle} ms (${first}–${third})`;
  return most === Infinity
    ? { what, measured, target: "" }
    : { what, measured, target: `≤ ${most} ms`, pass: quantile(all, 0.5) <= most };
});
printLines(lines);
console.log(`load ${loadavg()[0]?.toFixed(1)} at the end`);
if (lines.some(({ pass }) => pass === false)) process.exitCode = 1;

function startsOf(runtime: Runtime): readonly Start[] {
  return [
    { what: emptyOf(runtime), run: () => runToEnd([runtimes[runtime](), "-e", "0"]) },
    {
      what: `${runtime}: dheera_ai --version`,
      most: mostForCommand,
      run: () => runToEnd(commandOf(runtime, "--version")),
    },
    {
      what: `${runtime}: import "dheera-ai", beyond an empty program`,
      most: mostForImport,
      beyond: emptyOf(runtime),
      run: () => runToEnd([runtimes[runtime](), library]),
    },
    { what: `${runtime}: the proxy, first answer`, most: mostForAnswer, run: () => startProxy(runtime, isAlive) },
    { what: `${runtime}: the proxy, first ranking`, most: mostForRanking, run: () => startProxy(runtime, ranks) },
  ];
}

function emptyOf(runtime: Runtime): string {
  return `${runtime}: an empty program`;
}

/** Of the numbers in order, the one after this share of them. */
function quantile(numbers: readonly number[], share: number): number {
  return numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length * share)] ?? Number.NaN;
}

async function runToEnd(
  [command, ...args]: readonly [string, ...string[]],
  environment?: Environment,
): Promise<undefined> {
  await run(command, args, environment);
}

/** Until it has answered as it should; asked every other millisecond. */
function startProxy(runtime: Runtime, isReady: IsReady, environment: Environment = {}): Promise<Listening> {
  return startGateway(runtime, stub.url, [smallShape], { environment, lookEvery: 2, isReady });
}

type IsReady = (url: string) => Promise<boolean>;

function isAlive(url: string): Promise<boolean> {
  return isAnswered(`${url}/health/liveliness`);
}

/** The model's server is asked what it is before. */
function ranks(url: string): Promise<boolean> {
  const headers = { "content-type": "application/json", authorization: `Bearer ${masterKey}` };
  return isAnswered(`${url}/rerank`, { method: "POST", headers, body: proxyBody(smallShape, modelName(smallShape)) });
}

async function isAnswered(url: string, request?: RequestInit): Promise<boolean> {
  try {
    const response = await fetch(url, request);
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}
