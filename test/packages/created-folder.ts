import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";

import { shareDownloads } from "./npm-cache.ts";
import type { Registry } from "./registry.ts";

/** A shell with Node.js, npm and what was put beside them on its PATH, and nothing else of this machine's settings. */
export interface Shell {
  /** Runs a command to its end. @returns what it printed @throws Error with both streams where it fails */
  readonly type: (folder: string, command: string, environment?: NodeJS.ProcessEnv) => Promise<string>;
  /** Runs a command that serves, until `stop`. */
  readonly serve: (folder: string, command: string, environment?: NodeJS.ProcessEnv) => Promise<Served>;
  readonly environment: NodeJS.ProcessEnv;
}

export interface Served {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/**
 * @param folder for the shell's own files
 * @param programs to put on its PATH: name → what a shell runs for it
 */
export async function openShell(
  folder: string,
  { url }: Registry,
  programs: Readonly<Record<string, string>> = {},
): Promise<Shell> {
  const bin = join(folder, "bin");
  const cache = join(folder, "npm");
  await mkdir(bin, { recursive: true });
  await mkdir(cache);
  for (const [name, command] of Object.entries(programs))
    await writeFile(join(bin, name), `#!/bin/sh\nexec ${command} "$@"\n`, { mode: 0o755 });
  await shareDownloads(cache);
  const kept = Object.entries(process.env).filter(([name]) =>
    /^(HOME|LANG|TMPDIR|https?_proxy|NODE_EXTRA_CA_CERTS)$/i.test(name),
  );
  const own = (process.env["PATH"] ?? "").split(delimiter).filter((path) => !path.includes("node_modules"));
  const environment: NodeJS.ProcessEnv = {
    ...Object.fromEntries(kept),
    PATH: [bin, dirname(process.execPath), ...own].join(delimiter),
    no_proxy: "127.0.0.1,localhost",
    npm_config_registry: url,
    npm_config_cache: cache,
    npm_config_audit: "false",
    npm_config_fund: "false",
    npm_config_update_notifier: "false",
    npm_config_yes: "true",
    NO_COLOR: "1",
  };
  return {
    environment,
    async type(cwd, command, more) {
      try {
        return (await promisify(execFile)("sh", ["-c", command], { cwd, env: { ...environment, ...more } })).stdout;
      } catch (error) {
        const printed =
          error instanceof Error && "stdout" in error && "stderr" in error ? `${error.stdout}${error.stderr}` : "";
        throw new Error(`${command} failed:\n${printed}`, { cause: error });
      }
    },
    serve: (cwd, command, more) => serve(cwd, command, { ...environment, ...more }),
  };
}

async function serve(cwd: string, command: string, env: NodeJS.ProcessEnv): Promise<Served> {
  // A process group of its own, because ctrl-c reaches every process that the command has started.
  const child = spawn("sh", ["-c", command], { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const closed = once(child, "close");
  let output = "";
  const url = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => {
        output += chunk.toString();
        const found = /RUNNING on (http:\/\/[\d.]+:\d+)/.exec(output)?.[1];
        if (found !== undefined) resolve(found);
      });
    child.once("close", (code) => reject(new Error(`${command} ended with ${code} before it served:\n${output}`)));
  });
  const stop = async (): Promise<void> => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGINT");
    await closed;
  };
  return { url, stop };
}
