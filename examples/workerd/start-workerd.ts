import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";

/** workerd itself, with a configuration. */
export interface RunningWorkerd extends AsyncDisposable {
  readonly url: string;
  /** @returns its exit code */
  stop(): Promise<number | null>;
}

export async function startWorkerd(
  config: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<RunningWorkerd> {
  const child = spawn(
    workerdBinary(),
    // It says on descriptor 3 which port it was given.
    ["serve", config, "--socket-addr=http=127.0.0.1:0", "--control-fd=3"],
    { env: { ...environment }, stdio: ["ignore", "inherit", "inherit", "pipe"] },
  );
  const url = `http://127.0.0.1:${await portOf(child)}`;
  const stop = async (): Promise<number | null> => {
    child.kill("SIGTERM");
    if (child.exitCode === null) await once(child, "exit");
    return child.exitCode;
  };
  return { url, stop, [Symbol.asyncDispose]: async () => void (await stop()) };
}

async function portOf(child: ChildProcess): Promise<number> {
  const control = child.stdio[3];
  if (!(control instanceof Readable)) throw new Error("workerd has no control channel");
  for await (const line of createInterface(control)) {
    const port = /"event":"listen".*"port":(\d+)/.exec(line)?.[1];
    if (port !== undefined) return Number(port);
  }
  throw new Error("workerd ended before it listened");
}

/**
 * The package `workerd` puts its binary in place in an install script; the package that it comes from holds it already.
 */
function workerdBinary(): string {
  const requireFromWorkerd = createRequire(createRequire(import.meta.url).resolve("workerd/package.json"));
  const architecture = process.arch === "x64" ? "64" : process.arch;
  return requireFromWorkerd.resolve(`@cloudflare/workerd-${process.platform}-${architecture}/bin/workerd`);
}
