import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { type PostgresqlServer, startPostgresqlServer } from "../support/postgresql-server.ts";
import { type ProxyProcess, startProgram } from "../support/proxy-process.ts";
import { type RedisServer, startRedisServer } from "../support/redis-server.ts";
import { createFolder } from "../support/temporary-folder.ts";
import { configuration } from "./models.ts";
import { type CountingUpstream, startCountingUpstream } from "./upstream.ts";

/** One life of a proxy. */
export interface Life {
  readonly slot: number;
  readonly process: ProxyProcess;
  /** By `performance.now`; undefined for one that was not killed. */
  killedAt: number | undefined;
}

/** A time in which the database could not be used. */
export interface Outage {
  readonly how: "crash" | "restart" | "freeze";
  readonly from: number;
  /** Infinity while it lasts. */
  to: number;
}

/** What runs: four proxies on one PostgreSQL and one Redis, and the upstream behind them. */
export interface Stage extends AsyncDisposable {
  readonly upstream: CountingUpstream;
  readonly postgresql: PostgresqlServer;
  readonly redis: RedisServer;
  readonly database: string;
  readonly outages: Outage[];
  /** Those that run now, by slot. */
  readonly lives: readonly (Life | undefined)[];
  /** Ends one at once, and starts another in its place; resolves when that one serves. */
  kill(slot: number): Promise<void>;
  /** Files in the folder of the journals. */
  journals(): Promise<readonly string[]>;
  /** Ends all proxies as an administrator does. @returns their exit codes */
  stop(): Promise<readonly (number | null)[]>;
  /** What proxies logged as errors. */
  errors(): readonly string[];
}

export const replicas = 4;

/** The built one, which starts in a third of the time: `npx -y pnpm@10 build` makes it. */
const program = fileURLToPath(new URL("../../apps/cli/dist/main.js", import.meta.url));

export async function startStage(seed: number): Promise<Stage> {
  await using stack = new AsyncDisposableStack();
  const upstream = stack.use(await startCountingUpstream(seed));
  const postgresql = stack.use(await startPostgresqlServer());
  const redis = stack.use(await startRedisServer());
  const database = await postgresql.createDatabase();
  const folder = stack.use(await createFolder());
  const journal = join(folder.path, "journal");
  await mkdir(journal);
  const file = stack.use(
    await createFolder({ "config.yaml": configuration(upstream.url, database, redis.url, journal) }),
  );
  const lives: (Life | undefined)[] = [];
  const ended: ProxyProcess[] = [];

  async function start(slot: number): Promise<void> {
    const options = ["--config", `${file.path}/config.yaml`, "--host", "127.0.0.1", "--port", "0"];
    const started = await startProgram(process.execPath, [program, ...options], { HOME: folder.path });
    lives[slot] = { slot, process: started, killedAt: undefined };
  }
  stack.defer(() => {
    for (const life of lives) life?.process.signal("SIGKILL");
  });
  await Promise.all(Array.from({ length: replicas }, (_, slot) => start(slot)));
  const all = stack.move();
  return {
    upstream,
    postgresql,
    redis,
    database,
    lives,
    outages: [],
    async kill(slot) {
      const life = lives[slot];
      if (life === undefined) return;
      lives[slot] = undefined;
      ended.push(life.process);
      life.killedAt = performance.now();
      life.process.signal("SIGKILL");
      await start(slot);
    },
    journals: () => readdir(journal),
    async stop() {
      const running = lives.splice(0).filter((life) => life !== undefined);
      ended.push(...running.map(({ process }) => process));
      return Promise.all(running.map(({ process }) => process.stop()));
    },
    errors: () =>
      [...ended, ...lives.flatMap((life) => life?.process ?? [])].flatMap((process) =>
        process
          .output()
          .split("\n")
          .filter((line) => /"level":"error"|\berror\b.*lost|answers are lost/i.test(line)),
      ),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
