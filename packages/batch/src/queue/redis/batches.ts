import { array, nullable, number, parse, string, tuple, tupleWithRest } from "valibot";

import type { BatchRecord, Page } from "../../contract.ts";
import { withCounts } from "../counted.ts";
import type { BatchQueue } from "../queue-parts.ts";
import { endOf, isOpen, readBatch } from "../records.ts";
import { unknownAfter } from "../unknown-after.ts";
import type { RedisConnection } from "./connection.ts";
import { idsOfPage } from "./page.ts";

const text = nullable(string());
/** Version, record, completed, failed, cost, shards that have ended. */
const row = tuple([text, text, text, text, text, text]);
/** How many ids were looked at, and those that are neither among the open batches nor among those that have ended. */
const unnotedOfPage = tupleWithRest([number()], string());
/** Ids that are looked at in one script, while Redis serves nobody else. */
const chunk = 500;
const fields = ["version", "record", "completed", "failed", "cost", "ended"] as const;

/** A record and what workers count in a hash, changed where its version is still the one that was read. */
export function redisBatches(redis: RedisConnection): BatchQueue {
  async function find(id: string): Promise<Versioned | undefined> {
    return versioned(await redis.ask(() => redis.client.hmget(redis.key("batch", id), ...fields)));
  }

  const keysOf = (id: string, owner: string): readonly string[] => [
    redis.key("batch", id),
    redis.key("batches", "all"),
    redis.key("batches", `of:${owner}`),
    redis.key("batches", "open"),
    redis.key("batches", `open-of:${owner}`),
    redis.key("batches", "ended"),
  ];

  function save(batch: BatchRecord, expected: string, mostOpen = Infinity): Promise<unknown> {
    const { id, owner, createdAt, counts, cost, shardsEnded } = batch;
    return redis.run(write, keysOf(id, owner), [
      expected,
      id,
      createdAt,
      JSON.stringify(batch),
      endOf(batch) ?? "",
      Math.min(mostOpen, Number.MAX_SAFE_INTEGER),
      counts.completed,
      counts.failed,
      cost ?? "",
      shardsEnded,
    ]);
  }

  async function* openBatches(): AsyncGenerator<BatchRecord> {
    for (const id of await redis.ask(() => redis.client.zrange(redis.key("batches", "open"), "0", "-1"))) {
      const found = await find(id);
      if (found !== undefined && isOpen(found.batch)) yield found.batch;
    }
  }

  return {
    async saveBatch(batch: BatchRecord, mostOpen?: number): Promise<boolean> {
      return (await save(batch, "any", mostOpen)) === 1;
    },

    async findBatch(id: string): Promise<BatchRecord | undefined> {
      return (await find(id))?.batch;
    },

    async changeBatch(
      id: string,
      change: (batch: BatchRecord) => BatchRecord | undefined,
    ): Promise<BatchRecord | undefined> {
      for (;;) {
        const found = await find(id);
        const changed = found && change(found.batch);
        if (changed === undefined) return found?.batch;
        // Somebody else's change is then there, so that of several one always succeeds.
        if ((await save(changed, found?.version ?? "")) === 1) return (await find(id))?.batch;
      }
    },

    async listBatches({ owner, after = "", limit, order = "desc" }: Page): Promise<readonly BatchRecord[]> {
      const index = redis.key("batches", owner === undefined ? "all" : `of:${owner}`);
      const rows = await redis.run(list, [index], [after, limit, order, redis.key("batch", ""), ...fields]);
      if (rows === null) throw unknownAfter();
      return parse(array(row), rows).flatMap((each) => versioned(each)?.batch ?? []);
    },

    openBatches,

    async endedBatches(before: number, limit: number): Promise<readonly BatchRecord[]> {
      const ids = await redis.ask(() =>
        redis.client.zrangebyscore(redis.key("batches", "ended"), "-inf", `(${before}`, "LIMIT", 0, limit),
      );
      const found = await Promise.all(ids.map(find));
      return found.flatMap((each) => each?.batch ?? []);
    },

    async noteEnded(): Promise<void> {
      const keys = ["all", "open", "ended"].map((name) => redis.key("batches", name));
      for (let from = 0; ; from += chunk) {
        const [size, ...ids] = parse(unnotedOfPage, await redis.run(unnoted, keys, [from, from + chunk - 1]));
        for (const id of ids) {
          const found = await find(id);
          // Where somebody else has changed it meanwhile, that has noted it.
          if (found && !isOpen(found.batch)) await save(found.batch, found.version);
        }
        if (size < chunk) return;
      }
    },

    async removeBatch(id: string): Promise<void> {
      const found = await find(id);
      if (found !== undefined) await redis.run(remove, keysOf(id, found.batch.owner), [id]);
    },

    async linesLeft(): Promise<number> {
      let lines = 0;
      for await (const { counts } of openBatches())
        lines += Math.max(0, counts.total - counts.completed - counts.failed);
      return lines;
    },
  };
}

interface Versioned {
  readonly version: string;
  readonly batch: BatchRecord;
}

function versioned(values: unknown): Versioned | undefined {
  const [version, record, completed, failed, cost, ended] = parse(row, values);
  if (version === null || record === null) return undefined;
  const counted = {
    completed: Number(completed),
    failed: Number(failed),
    cost: cost === null ? undefined : Number(cost),
    shardsEnded: Number(ended),
  };
  return { version, batch: withCounts(readBatch(record), counted) };
}

const write = `
local expected, id, created, record, endedAt, mostOpen, completed, failed, cost, ended = unpack(ARGV)
local version = redis.call('hget', KEYS[1], 'version')
if expected ~= 'any' and version ~= expected then return 0 end
if not version and redis.call('zcard', KEYS[5]) >= tonumber(mostOpen) then return 0 end
if not version then
  redis.call('hset', KEYS[1], 'completed', completed, 'failed', failed, 'ended', ended)
  if cost ~= '' then redis.call('hset', KEYS[1], 'cost', cost) end
end
redis.call('hincrby', KEYS[1], 'version', 1)
redis.call('hset', KEYS[1], 'record', record)
redis.call('zadd', KEYS[2], created, id)
redis.call('zadd', KEYS[3], created, id)
if endedAt == '' then
  redis.call('zadd', KEYS[4], created, id)
  redis.call('zadd', KEYS[5], created, id)
  redis.call('zrem', KEYS[6], id)
else
  redis.call('zrem', KEYS[4], id)
  redis.call('zrem', KEYS[5], id)
  redis.call('zadd', KEYS[6], endedAt, id)
end
return 1
`;

const unnoted = `
local ids = redis.call('zrange', KEYS[1], ARGV[1], ARGV[2])
local found = { #ids }
for _, id in ipairs(ids) do
  if not redis.call('zscore', KEYS[2], id) and not redis.call('zscore', KEYS[3], id) then found[#found + 1] = id end
end
return found
`;

const remove = `
redis.call('del', KEYS[1])
for index = 2, #KEYS do redis.call('zrem', KEYS[index], ARGV[1]) end
`;

const list = `
${idsOfPage}
local rows = {}
for _, id in ipairs(ids) do rows[#rows + 1] = redis.call('hmget', ARGV[4] .. id, unpack(ARGV, 5)) end
return rows
`;
