import { spawnSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { availableParallelism, cpus, loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import * as v from "valibot";

import { bunBinary } from "../../test/support/bun-binary.ts";
import { findProgram } from "../../test/support/programs.ts";
import { type Installed, type Package, install, packages } from "./install.ts";
import { type Plan, measureShape } from "./measure.ts";
import { pageOf, sentenceOf, withSentence } from "./page.ts";
import { run } from "../proxy/processes.ts";
import { shapes } from "../proxy/load/shapes.ts";
import { type LeftOut, type Result, resultSchema } from "./result.ts";
import { dheera, litellm, portkey, router } from "./servers/gateways.ts";
import { directly, envoy, nginxProxy } from "./servers/yardsticks.ts";
import type { Peer } from "./servers/peer.ts";

/**
 * The proxy beside other gateways: `node -C source bench/peers/main.ts [--rounds 7] [--seconds 2] …`, after `pnpm build`. Installs the others
 * from PyPI and npm into a folder for caches, in versions that are written down; starts each before the same upstream, with one worker and with
 * as many as there are cores; has each rank, looks at its answers, and loads all in turns. Prints the page; `--write` puts it into
 * docs/peers.md, its sentence into README.md, and what was measured beside this file, from which `--again` makes the page without measuring.
 * Needs Linux, nginx, wrk, npm, and Python 3.10 or newer with `venv`.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "7" },
    /** Of each server in each round. */
    seconds: { type: "string", default: "2" },
    /** Seconds of load on each server before anything counts: V8 has optimised what it will after some 15,000 small requests. */
    "warm-up": { type: "string", default: "4" },
    connections: { type: "string", default: "32" },
    /** Positions in `shapes`. */
    shapes: { type: "string", default: "0,1,2" },
    folder: { type: "string", default: join(import.meta.dirname, "../../node_modules/.cache/dheera-ai/peers") },
    write: { type: "boolean", default: false },
    again: { type: "boolean", default: false },
  },
});
const root = join(import.meta.dirname, "../..");
const saved = join(import.meta.dirname, "last-run.json");
/** Answers that are looked at after each round. */
const looks = 16;

// The page is made of what is saved, also when it was measured just now.
const text = values.again
  ? await readFile(saved, "utf8")
  : `${JSON.stringify(await measurePeers(), (_, value: unknown) => rounded(value), 1)}\n`;
const result = v.parse(resultSchema, JSON.parse(text));
const page = pageOf(result);
console.log(page);
if (values.write) {
  const readme = join(root, "README.md");
  await writeFile(saved, text);
  await writeFile(join(root, "docs/peers.md"), page);
  await writeFile(readme, withSentence(await readFile(readme, "utf8"), sentenceOf(result)));
}

async function measurePeers(): Promise<Result> {
  const nginx = required("nginx");
  required("wrk");
  const plan: Plan = {
    connections: Number(values.connections),
    rounds: Number(values.rounds),
    seconds: Number(values.seconds),
    warmUp: Number(values["warm-up"]),
    looks,
  };
  const leftOut: LeftOut[] = [];
  const installed = await installAll(leftOut);
  const peersOf = await chosenPeers(nginx, installed);
  const [load = Number.NaN] = loadavg();
  const begun = performance.now();
  const found: Result["shapes"] = [];
  for (const position of values.shapes.split(",")) {
    const shape = shapes[Number(position)];
    if (!shape) throw new Error(`--shapes: there is none at ${position}`);
    const { servers, leftOut: unfit } = await measureShape(nginx, peersOf, shape, plan);
    found.push({ name: shape.name, servers: [...servers] });
    leftOut.push(...unfit);
  }
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: (await run("git", ["-C", root, "rev-parse", "--short", "HEAD"])).trim(),
    machine: `${availableParallelism()} cores of ${cpus()[0]?.model ?? "an unknown processor"}`,
    runtimes: `Node.js ${process.versions.node}, Bun ${(await run(bunBinary(), ["--version"])).trim()}`,
    connections: plan.connections,
    seconds: plan.seconds,
    looks,
    load,
    minutes: (performance.now() - begun) / 60_000,
    installed: Object.values(packages).flatMap((chosen) => {
      const here = installed.get(chosen);
      const { name, version, registry, requirement } = chosen;
      return here ? [{ name, version, registry, requirement, seconds: here.seconds, megabytes: here.megabytes }] : [];
    }),
    shapes: found,
    leftOut,
  };
}

async function installAll(leftOut: LeftOut[]): Promise<ReadonlyMap<Package, Installed>> {
  const installed = new Map<Package, Installed>();
  for (const chosen of Object.values(packages))
    try {
      installed.set(chosen, await install(chosen, values.folder));
    } catch (error) {
      const reason = `it could not be installed: ${error instanceof Error ? error.message : String(error)}`;
      leftOut.push({ name: chosen.name, version: chosen.version, reason });
    }
  return installed;
}

/** Yardsticks first, then gateways with one worker, then those that can have more with as many as there are cores. */
async function chosenPeers(
  nginx: string,
  installed: ReadonlyMap<Package, Installed>,
): Promise<(upstreamPid: number) => readonly Peer[]> {
  const manifest = v.parse(
    v.object({ version: v.string() }),
    JSON.parse(await readFile(join(root, "apps/cli/package.json"), "utf8")),
  );
  // nginx says it where errors go.
  const nginxVersion = /\d+\.\d+\.\d+/.exec(spawnSync(nginx, ["-v"], { encoding: "utf8" }).stderr)?.[0] ?? "";
  const cores = availableParallelism();
  const where = (chosen: Package, make: (program: string) => Peer): readonly Peer[] => {
    const here = installed.get(chosen);
    return here ? [make(here.program)] : [];
  };
  const atWork = (workers: number): readonly Peer[] => [
    dheera("node", manifest.version, workers),
    ...where(packages.litellm, (program) => litellm(program, workers)),
    ...where(packages.vllmRouter, (program) => router("vllmRouter", program, workers)),
    ...where(packages.smg, (program) => router("smg", program, workers)),
  ];
  return (upstreamPid) => [
    directly(upstreamPid),
    nginxProxy(nginx, nginxVersion),
    ...where(packages.envoy, envoy),
    dheera("bun", manifest.version, 1),
    ...atWork(1),
    ...where(packages.portkey, portkey),
    ...(cores > 1 ? atWork(cores) : []),
  ];
}

function required(program: string): string {
  const path = findProgram(program);
  if (path === undefined) throw new Error(`${program} is not installed (Debian: apt-get install ${program})`);
  return path;
}

/** Four significant digits: more say nothing, and the file stays small. */
function rounded(value: unknown): unknown {
  return typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
}
