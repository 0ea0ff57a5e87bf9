import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";

import { bunBinary } from "../support/bun-binary.ts";

/** A package manager, in the project of somebody who uses it. */
export interface Client {
  readonly name: string;
  /** Whether it lays packages where the TypeScript compiler looks. */
  readonly hasNodeModules: boolean;
  readonly install: (project: Project, packages: readonly string[]) => Promise<string>;
  /** Runs a file of the project. */
  readonly runFile: (project: Project, file: string) => Promise<string>;
  /** Runs a command that a package brings. */
  readonly runCommand: (project: Project, command: string, ...args: readonly string[]) => Promise<string>;
}

/** An empty folder, and the registry that it installs from. */
export interface Project {
  readonly folder: string;
  readonly registry: string;
}

const yarn = createRequire(import.meta.url).resolve("@yarnpkg/cli-dist/bin/yarn.js");

export const clients: readonly Client[] = [
  {
    name: "npm",
    hasNodeModules: true,
    install: (project, packages) => run(project, "npm", "install", "--no-audit", "--no-fund", ...packages),
    runFile: (project, file) => run(project, "node", file),
    runCommand: (project, ...command) => run(project, "npx", "--no-install", ...command),
  },
  {
    name: "pnpm",
    hasNodeModules: true,
    install: (project, packages) => run(project, "npx", "-y", "pnpm@10", "add", ...packages),
    runFile: (project, file) => run(project, "node", file),
    runCommand: (project, ...command) => run(project, "npx", "-y", "pnpm@10", "exec", ...command),
  },
  {
    // Without node_modules: a package reaches only what it declares.
    name: "Yarn",
    hasNodeModules: false,
    install: (project, packages) => runYarn(project, "pnp", "add", ...packages),
    runFile: (project, file) => runYarn(project, "pnp", "node", file),
    runCommand: (project, ...command) => runYarn(project, "pnp", "run", ...command),
  },
  {
    name: "Yarn with node_modules",
    hasNodeModules: true,
    install: (project, packages) => runYarn(project, "node-modules", "add", ...packages),
    runFile: (project, file) => runYarn(project, "node-modules", "node", file),
    runCommand: (project, ...command) => runYarn(project, "node-modules", "run", ...command),
  },
  {
    name: "Bun",
    hasNodeModules: true,
    install: (project, packages) => run(project, bunBinary(), "add", ...packages),
    runFile: (project, file) => run(project, bunBinary(), file),
    runCommand: (project, ...command) => run(project, bunBinary(), "x", "--bun", "--no-install", ...command),
  },
];

function runYarn(project: Project, linker: string, ...args: readonly string[]): Promise<string> {
  const environment = {
    YARN_NODE_LINKER: linker,
    YARN_NPM_REGISTRY_SERVER: project.registry,
    YARN_UNSAFE_HTTP_WHITELIST: "127.0.0.1",
    YARN_GLOBAL_FOLDER: join(project.folder, ".yarn/global"),
    YARN_ENABLE_TELEMETRY: "0",
    YARN_ENABLE_IMMUTABLE_INSTALLS: "false",
  };
  return execute(process.execPath, [yarn, ...args], project.folder, environment);
}

async function run({ folder, registry }: Project, program: string, ...args: readonly string[]): Promise<string> {
  await writeFile(join(folder, ".npmrc"), `registry=${registry}\n`);
  return execute(program, args, folder, {
    npm_config_registry: registry,
    // Bun keeps packages by name and version: those of an earlier build would be taken for these.
    BUN_INSTALL_CACHE_DIR: join(folder, ".bun-cache"),
  });
}

/** Runs a program with the Node.js that runs this test. @returns what it printed. */
export async function execute(
  program: string,
  args: readonly string[],
  cwd: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  // What pnpm says to the scripts of this workspace is not for projects of others.
  const inherited = Object.entries(process.env).filter(([name]) => !/^(npm|pnpm)_/i.test(name));
  const PATH = [dirname(process.execPath), process.env["PATH"]].join(delimiter);
  const env = { ...Object.fromEntries(inherited), PATH, ...environment };
  try {
    return (await promisify(execFile)(program, args, { cwd, env })).stdout;
  } catch (error) {
    const printed =
      error instanceof Error && "stdout" in error && "stderr" in error
        ? `${error.stdout}${error.stderr}`
        : String(error);
    throw new Error(`${program} ${args.join(" ")} failed:\n${printed}`, { cause: error });
  }
}
