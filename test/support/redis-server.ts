import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { onOwnPort } from "./own-port.ts";

/** A real Redis on a loopback port of its own, that keeps nothing on disk unless it is told to, and can be mistreated. */
export interface RedisServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly url: string;
  /** Starts it again after `kill`, on the same port; empty, unless it was told to keep something. */
  start(): Promise<void>;
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>;
  /** Makes it hang: connections stay, answers do not come. */
  freeze(): void;
  thaw(): void;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

/**
 * Extra arguments are those of `redis-server`: `--requirepass`, `secret`.
 * @throws Error when `redis-server` is not installed.
 */
export async function startRedisServer(...extraArguments: string[]): Promise<RedisServer> {
  const host = "127.0.0.1";
  const folder = await mkdtemp(join(tmpdir(), "dheera-redis-"));
  const launch = (port: number): Promise<ChildProcess> =>
    launchServer([
      "--bind",
      host,
      "--port",
      String(port),
      "--dir",
      folder,
      "--save",
      "",
      "--appendonly",
      "no",
      ...extraArguments,
    ]);
  const started = await onOwnPort(async (port) => ({ server: await launch(port), port }));
  const { port } = started;
  let { server } = started;
  const leaveNothingBehind = (): void => void server.kill("SIGKILL");
  process.once("exit", leaveNothingBehind);

  async function kill(): Promise<void> {
    if (hasEnded(server)) return;
    const ended = once(server, "exit");
    server.kill("SIGKILL");
    await ended;
  }

  async function stop(): Promise<void> {
    await kill();
    process.off("exit", leaveNothingBehind);
    await rm(folder, { recursive: true, force: true });
  }

  return {
    host,
    port,
    url: `redis://${host}:${port}`,
    async start() {
      server = await launch(port);
    },
    kill,
    freeze: () => void server.kill("SIGSTOP"),
    thaw: () => void server.kill("SIGCONT"),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** What a crash of its machine does to it: it is gone, and comes back with what it has written to its disk. */
export async function killAndStart(server: RedisServer): Promise<void> {
  await server.kill();
  await server.start();
}

async function launchServer(commandLine: readonly string[]): Promise<ChildProcess> {
  const server = spawn("redis-server", commandLine, { stdio: ["ignore", "pipe", "ignore"] });
  const failed = once(server, "error").then(([error]) => {
    throw new Error("redis-server could not be started; install Debian's redis-server or the like", { cause: error });
  });
  await Promise.race([serving(server), failed]);
  return server;
}

async function serving(server: ReturnType<typeof spawn>): Promise<void> {
  if (!server.stdout) throw new Error("redis-server has no output to wait for");
  const said: string[] = [];
  for await (const line of createInterface(server.stdout)) {
    said.push(line);
    if (!line.includes("Ready to accept connections")) continue;
    server.stdout.resume();
    return;
  }
  throw new Error(`redis-server ended before it was ready:\n${said.join("\n")}`);
}

function hasEnded(server: ChildProcess): boolean {
  return server.exitCode !== null || server.signalCode !== null;
}
