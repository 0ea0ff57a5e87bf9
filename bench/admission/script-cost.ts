import { randomUUID } from "node:crypto";

import { RedisLink, redisSettings } from "@dheera-ai/cache/redis-link";

import { nothingTold, permitsScript, permitsValues, readHeard } from "../../apps/proxy/src/sharing/permits-script.ts";
import { openConnection } from "../../test/support/raw-connection.ts";
import { type RedisServer, startRedisServer } from "../../test/support/redis-server.ts";
import { printRow } from "../proxy/table.ts";

/**
 * What a beat costs Redis: `node -C source bench/admission/script-cost.ts`. So many members share one server; each tells
 * that it is busy, and Redis says how long it worked for one of them. A process beats five times a second for each server.
 */
const beats = 2_000;
const script = permitsScript();

for (const members of [1, 4, 16, 64, 256]) {
  await using redis = await startRedisServer();
  const link = new RedisLink({ settings: redisSettings({ url: redis.url }), timeoutMs: 10_000, onLost: () => {} });
  const ids = Array.from({ length: members }, () => randomUUID());
  const held = new Map<string, number>();
  let epoch = 0;
  for (let beat = 0; beat < beats; beat++) {
    const id = ids[beat % members] ?? "";
    const part = held.get(id) ?? 0;
    const told = { ...nothingTold, epoch, limit: 512, held: part, flight: part, peak: part, want: 1_000, asked: 1 };
    const [heard] = readHeard(await link.run(script, ["server"], [0.5, ...permitsValues(id, told)], () => {}), 1);
    epoch = heard?.epoch ?? 0;
    held.set(id, heard?.part ?? 0);
  }
  printRow({
    members: String(members),
    "µs a beat": (await microseconds(redis)).toFixed(0),
    "beats a second of all": String(members * 5),
  });
  link.close();
}

/** Of its one thread, for one of the scripts that it ran. */
async function microseconds({ url }: RedisServer): Promise<number> {
  const connection = await openConnection(url);
  connection.say("INFO commandstats\r\nPING\r\n");
  const heard = await connection.hear("+PONG");
  connection.close();
  return Number(/cmdstat_evalsha:.*usec_per_call=([\d.]+)/.exec(heard)?.[1]);
}
