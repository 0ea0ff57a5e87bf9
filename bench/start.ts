import { join } from "node:path";
import { parseArgs } from "node:util";

import { type Line, printLines } from "./dispatch/line.ts";
import { type Runtime, commandOf, masterKey, modelName, runtimes, startGateway } from "./proxy/servers/gateway.ts";
import { median } from "./proxy/median.ts";
import { type Listening, run } from "./proxy/processes.ts";
import { proxyBody, smallShape } from "./proxy/load/shapes.ts";
import { startStub } from "./proxy/servers/upstream.ts";

/**
 * What starting takes, the built product: `node -C source bench/start.ts [--runs 15]`. From the start of the process to
 * its end for commands, to its first answer for the proxy; beside an empty program, in turns, medians. Node.js keeps
 * compiled code between starts; "first start" goes without. Exits with 1 when a goal is missed.
 */
const { values } = parseArgs({ options: { runs: { type: "string", default: "15" } } });

interface Start {
  readonly what: string;
  /** Milliseconds. */
  readonly most?: number;
  /** @returns what has to be stopped */
  readonly run: () => Promise<Listening | undefined>;
}

type Environment = Readonly<Record<string, string>>;

const firstStart: Environment = { NODE_DISABLE_COMPILE_CACHE: "1" };
const mostForCommand = 100;
const mostForProxy = 500;

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

// The first of all rounds fills caches.
for (let round = 0; round <= Number(values.runs); round++)
  for (const [position, start] of starts.entries()) {
    const began = performance.now();
    await using _ = await start.run();
    if (round > 0) durations[position]?.push(performance.now() - began);
  }

const lines = starts.map(({ what, most = Infinity }, position): Line => {
  const milliseconds = median(durations[position] ?? []);
  const measured = `${milliseconds.toFixed(0)} ms`;
  return most === Infinity
    ? { what, measured, target: "" }
    : { what, measured, target: `< ${most} ms`, pass: milliseconds < most };
});
printLines(lines);
if (lines.some(({ pass }) => pass === false)) process.exitCode = 1;

function startsOf(runtime: Runtime): readonly Start[] {
  return [
    { what: `${runtime}: an empty program`, run: () => runToEnd([runtimes[runtime](), "-e", "0"]) },
    {
      what: `${runtime}: dheera_ai --version`,
      most: mostForCommand,
      run: () => runToEnd(commandOf(runtime, "--version")),
    },
    { what: `${runtime}: import of the library`, run: () => runToEnd([runtimes[runtime](), library]) },
    { what: `${runtime}: the proxy, first answer`, most: mostForProxy, run: () => startProxy(runtime, isAlive) },
    { what: `${runtime}: the proxy, first ranking`, run: () => startProxy(runtime, ranks) },
  ];
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
