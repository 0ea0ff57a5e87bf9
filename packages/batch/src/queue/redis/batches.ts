import { array, nullable, parse, string, tuple } from "valibot";

import type { BatchRecord, Page } from "../../contract.ts";
import { withCounts } from "../counted.ts";
import type { BatchQueue } from "../queue-parts.ts";
import { isOpen, readBatch } from "../records.ts";
import { unknownAfter } from "../unknown-after.ts";
import type { RedisConnection } from "./connection.ts";

const text = nullable(string());
/** Version, record, completed, failed, cost, shards that have ended. */
const row = tuple([text, text, text, text, text, text]);
const fields = ["version", "record", "completed", "failed", "cost", "ended"] as const;

/** A record and what workers count in a hash, changed where its version is still the one that was read. */
export function redisBatches(redis: RedisConnection): BatchQueue {
  async function find(id: string): Promise<Versioned | undefined> {
    return versioned(await redis.ask(() => redis.client.hmget(redis.key("batch", id), ...fields)));
  }

  function save(batch: BatchRecord, expected: string): Promise<unknown> {
    const { id, owner, createdAt, counts, cost, shardsEnded } = batch;
    return redis.run(
      write,
      [
        redis.key("batch", id),
        redis.key("batches", "all"),
        redis.key("batches", `of:${owner}`),
        redis.key("batches", "open"),
      ],
      [
        expected,
        id,
        createdAt,
        JSON.stringify(batch),
        isOpen(batch) ? 1 : 0,
        counts.completed,
        counts.failed,
        cost ?? "",
        shardsEnded,
      ],
    );
  }

  return {
    async saveBatch(batch: BatchRecord): Promise<void> {
      await save(batch, "any");
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

    async listBatches({ owner, after = "", limit }: Page): Promise<readonly BatchRecord[]> {
      const index = redis.key("batches", owner === undefined ? "all" : `of:${owner}`);
      const rows = await redis.run(list, [index], [after, limit, redis.key("batch", ""), ...fields]);
      if (rows === null) throw unknownAfter();
      return parse(array(row), rows).flatMap((each) => versioned(each)?.batch ?? []);
    },

    async *openBatches(): AsyncIterable<BatchRecord> {
      for (const id of await redis.ask(() => redis.client.zrange(redis.key("batches", "open"), "0", "-1"))) {
        const found = await find(id);
        if (found !== undefined && isOpen(found.batch)) yield found.batch;
      }
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
local expected, id, created, record, open, completed, failed, cost, ended = unpack(ARGV)
local version = redis.call('hget', KEYS[1], 'version')
if expected ~= 'any' and version ~= expected then return 0 end
if not version then
  redis.call('hset', KEYS[1], 'completed', completed, 'failed', failed, 'ended', ended)
  if cost ~= '' then redis.call('hset', KEYS[1], 'cost', cost) end
end
redis.call('hincrby', KEYS[1], 'version', 1)
redis.call('hset', KEYS[1], 'record', record)
redis.call('zadd', KEYS[2], created, id)
redis.call('zadd', KEYS[3], created, id)
if open == '1' then redis.call('zadd', KEYS[4], created, id) else redis.call('zrem', KEYS[4], id) end
return 1
`;

const list = `
local from = 0
if ARGV[1] ~= '' then
  local last = redis.call('zrevrank', KEYS[1], ARGV[1])
  if not last then return false end
  from = last + 1
end
local rows = {}
for _, id in ipairs(redis.call('zrevrange', KEYS[1], from, from + ARGV[2] - 1)) do
  rows[#rows + 1] = redis.call('hmget', ARGV[3] .. id, unpack(ARGV, 4))
end
return rows
`;
