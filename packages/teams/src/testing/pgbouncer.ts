import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, chown, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { onOwnPort } from "../../../../test/support/own-port.ts";
import { findProgram, programs } from "../../../../test/support/programs.ts";

/** A real PgBouncer on a loopback port of its own, before one PostgreSQL. */
export interface Pgbouncer extends AsyncDisposable {
  /** The URL of a database of the server as it is reached through here. */
  through(url: string): string;
  /** Ends it at once, with every connection, and starts it again. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * @param url of a database of the server
 * @param settings as `pgbouncer.ini` has them: `default_pool_size = 2`
 * @throws Error when PgBouncer is not installed
 */
export async function startPgbouncer(url: string, ...settings: readonly string[]): Promise<Pgbouncer> {
  const server = new URL(url);
  const folder = await mkdtemp(join(tmpdir(), "dheera-pgbouncer-"));
  // It refuses to be root.
  const isRoot = process.getuid?.() === 0;
  await writeFile(join(folder, "users"), `"${server.username}" "${server.password}"\n`);
  const launch = async (at: number): Promise<ChildProcess> => {
    const file = join(folder, "pgbouncer.ini");
    await writeFile(file, ini(server, at, folder, settings));
    await chmod(folder, 0o755);
    if (isRoot) await chown(folder, nobody, nobody);
    return launchProgram(file, isRoot ? { uid: nobody, gid: nobody } : {});
  };
  const started = await onOwnPort(async (at) => ({ pooler: await launch(at), port: at }));
  const { port } = started;
  let { pooler } = started;
  const leaveNothingBehind = (): void => void pooler.kill("SIGKILL");
  process.once("exit", leaveNothingBehind);

  async function end(): Promise<void> {
    if (pooler.exitCode !== null || pooler.signalCode !== null) return;
    const ended = once(pooler, "exit");
    pooler.kill("SIGKILL");
    await ended;
  }

  async function stop(): Promise<void> {
    await end();
    process.off("exit", leaveNothingBehind);
    await rm(folder, { recursive: true, force: true });
  }

  return {
    through(of) {
      const reached = new URL(of);
      reached.port = String(port);
      return reached.href;
    },
    async restart() {
      await end();
      pooler = await launch(port);
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

const nobody = 65_534;

function ini(server: URL, port: number, folder: string, settings: readonly string[]): string {
  return [
    "[databases]",
    `* = host=${server.hostname} port=${server.port}`,
    "[pgbouncer]",
    "listen_addr = 127.0.0.1",
    `listen_port = ${port}`,
    "unix_socket_dir =",
    "auth_type = scram-sha-256",
    `auth_file = ${join(folder, "users")}`,
    ...settings,
    "",
  ].join("\n");
}

async function launchProgram(file: string, account: object): Promise<ChildProcess> {
  const program = findProgram("pgbouncer");
  if (program === undefined) throw new Error(`PgBouncer is not installed: ${programs.pgbouncer}`);
  const started = spawn(program, [file], { ...account, cwd: "/", stdio: ["ignore", "ignore", "pipe"] });
  const said: string[] = [];
  for await (const line of createInterface(started.stderr)) {
    said.push(line);
    if (!line.includes("process up")) continue;
    started.stderr.resume();
    return started;
  }
  throw new Error(`pgbouncer ended before it was ready:\n${said.join("\n")}`);
}
