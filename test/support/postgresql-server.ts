import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chown, cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

import pg from "pg";

import { onOwnPort } from "./own-port.ts";
import { findProgram, programs } from "./programs.ts";

/** A real PostgreSQL on a loopback port of its own, that survives no power cut and can be mistreated. */
export interface PostgresqlServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** `postgresql://dheera:secret@127.0.0.1:<port>/postgres`, with whose rights databases and roles can be made. */
  readonly url: string;
  /** @returns the URL of a new, empty database: one for each test, so that none sees another's rows */
  createDatabase(): Promise<string>;
  /** Starts it again after `kill`, with what was committed, on the same port. */
  start(): Promise<void>;
  /** Ends it at once, as a crash does: connections break, transactions under way are lost. */
  kill(): Promise<void>;
  /** Ends it as an administrator does (connections are told, nothing is awaited), and starts it again. */
  restart(): Promise<void>;
  /** Cuts the connections to databases of tests, as when another server takes over; what then answers may only read for a while. */
  failOver(after: { readonly onlyReads: boolean }): Promise<void>;
  /** Makes it hang: connections stay, answers do not come. On Linux only. */
  freeze(): Promise<void>;
  thaw(): void;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

const run = promisify(execFile);
const user = "dheera";
const password = "secret";

/**
 * @param settings in place of its defaults, as `postgresql.conf` has them: `max_connections=8`
 * @throws Error when PostgreSQL is not installed
 */
export async function startPostgresqlServer(...settings: readonly string[]): Promise<PostgresqlServer> {
  const host = "127.0.0.1";
  const folder = await mkdtemp(join(tmpdir(), "dheera-postgresql-"));
  const account = await giveTo(folder);
  const program = await programFor(account, folder);
  const data = join(folder, "data");
  await initialize(program, data, folder, account);

  const launch = (port: number): Promise<ChildProcess> =>
    launchServer(program, ["-D", data, ...withOptions(host, port, settings)], account);
  const started = await onOwnPort(async (port) => ({ server: await launch(port), port }));
  const { port } = started;
  let { server } = started;
  let stopped: readonly number[] = [];
  let databases = 0;
  const url = `postgresql://${user}:${password}@${host}:${port}`;
  // What it forked ends by itself once it is gone.
  const leaveNothingBehind = (): void => void server.kill("SIGKILL");
  process.once("exit", leaveNothingBehind);

  function thaw(): void {
    for (const pid of stopped) signal(pid, "SIGCONT");
    stopped = [];
  }

  async function end(how: "SIGINT" | "SIGQUIT"): Promise<void> {
    thaw();
    if (hasEnded(server)) return;
    const ended = once(server, "exit");
    server.kill(how);
    await ended;
  }

  async function start(): Promise<void> {
    server = await launch(port);
  }

  async function stop(): Promise<void> {
    await end("SIGQUIT");
    process.off("exit", leaveNothingBehind);
    await rm(folder, { recursive: true, force: true });
  }

  return {
    host,
    port,
    url: `${url}/postgres`,
    async createDatabase() {
      const name = `test_${++databases}`;
      await query(`${url}/postgres`, `create database ${name}`);
      return `${url}/${name}`;
    },
    start,
    kill: () => end("SIGQUIT"),
    async restart() {
      await end("SIGINT");
      await start();
    },
    async failOver({ onlyReads }) {
      await query(
        `${url}/postgres`,
        "set default_transaction_read_only = off",
        `alter system set default_transaction_read_only = ${onlyReads ? "on" : "off"}`,
        "select pg_reload_conf()",
        "select pg_terminate_backend(pid) from pg_stat_activity where datname like 'test%'",
      );
    },
    async freeze() {
      const all = [server.pid ?? 0, ...(await childrenOf(server.pid ?? 0))];
      for (const pid of all) signal(pid, "SIGSTOP");
      stopped = all;
    },
    thaw,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Whom PostgreSQL runs as: it refuses to be root. */
type Account = { readonly uid: number; readonly gid: number } | Record<never, never>;

async function giveTo(folder: string): Promise<Account> {
  if (process.getuid?.() !== 0) return {};
  const nobody = 65_534;
  await chown(folder, nobody, nobody);
  return { uid: nobody, gid: nobody };
}

/** Nobody may not enter the home of root, where this repository may be: there a copy of the programs is made. */
async function programFor(account: Account, folder: string): Promise<string> {
  const program = findProgram("postgresql");
  if (program === undefined) throw new Error(`PostgreSQL is not installed: ${programs.postgresql}`);
  if (spawnSync(program, ["--version"], account).status === 0) return program;
  const copied = join(folder, "program");
  await cp(dirname(dirname(program)), copied, { recursive: true, verbatimSymlinks: true });
  return join(copied, "bin", "postgres");
}

async function initialize(program: string, data: string, folder: string, account: Account): Promise<void> {
  const passwordFile = join(folder, "password");
  await writeFile(passwordFile, password);
  await run(
    join(dirname(program), "initdb"),
    [
      ["--pgdata", data, "--username", user, "--pwfile", passwordFile, "--auth", "scram-sha-256"],
      ["--encoding", "UTF8", "--locale", "C", "--no-sync"],
    ].flat(),
    { ...account, cwd: folder },
  );
}

function withOptions(host: string, port: number, settings: readonly string[]): readonly string[] {
  const all = [
    `listen_addresses=${host}`,
    `port=${port}`,
    "unix_socket_directories=",
    "fsync=off",
    "log_destination=stderr",
    "logging_collector=off",
    ...settings,
  ];
  return all.flatMap((setting) => ["-c", setting]);
}

async function launchServer(program: string, commandLine: readonly string[], account: Account): Promise<ChildProcess> {
  const server = spawn(program, commandLine, { ...account, cwd: "/", stdio: ["ignore", "ignore", "pipe"] });
  const said: string[] = [];
  for await (const line of createInterface(server.stderr)) {
    said.push(line);
    if (!line.includes("ready to accept connections")) continue;
    server.stderr.resume();
    return server;
  }
  throw new Error(`postgres ended before it was ready:\n${said.join("\n")}`);
}

async function query(url: string, ...statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Its connections and helpers: each is a process, in a group of its own. */
async function childrenOf(pid: number): Promise<readonly number[]> {
  const listed = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
  return listed.split(" ").filter(Boolean).map(Number);
}

function signal(pid: number, name: "SIGSTOP" | "SIGCONT"): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended meanwhile.
  }
}

function hasEnded(server: ChildProcess): boolean {
  return server.exitCode !== null || server.signalCode !== null;
}
