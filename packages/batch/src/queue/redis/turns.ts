import { nullable, parse, string } from "valibot";

import type { RedisConnection } from "./connection.ts";

/** Whose turn it is among the batches that have something to take: the one whose turn was longest ago. */
export class Turns {
  readonly #redis: RedisConnection;
  readonly key: string;
  /** Of the set of all batches that have shards, whether or not one waits. */
  readonly dividedKey: string;

  constructor(redis: RedisConnection) {
    this.#redis = redis;
    this.key = redis.key("turns");
    this.dividedKey = redis.key("divided");
  }

  /** The batch takes its place behind all others. */
  async next(except: ReadonlySet<string>): Promise<string | undefined> {
    return parse(nullable(string()), await this.#redis.run(next, [this.key], [...except])) ?? undefined;
  }

  /** A batch that is not there comes behind all others: otherwise new ones would keep old ones waiting. */
  async join(batchId: string): Promise<void> {
    await this.#redis.run(join, [this.key, this.dividedKey], [batchId]);
  }

  /** Where nothing of it waits, which nobody can change in between. */
  async leave(batchId: string, waitingKey: string): Promise<void> {
    await this.#redis.run(leave, [this.key, waitingKey], [batchId]);
  }

  async batches(): Promise<readonly string[]> {
    return this.#redis.ask(() => this.#redis.client.smembers(this.dividedKey));
  }
}

const last = `
local function behind(key)
  local last = redis.call('zrange', key, -1, -1, 'withscores')[2]
  return string.format('%.0f', tonumber(last or 0) + 1)
end
`;

const next = `${last}
local except = {}
for _, id in ipairs(ARGV) do except[id] = true end
for _, id in ipairs(redis.call('zrange', KEYS[1], 0, #ARGV)) do
  if not except[id] then
    redis.call('zadd', KEYS[1], behind(KEYS[1]), id)
    return id
  end
end
return false
`;

const join = `${last}
redis.call('sadd', KEYS[2], ARGV[1])
if not redis.call('zscore', KEYS[1], ARGV[1]) then redis.call('zadd', KEYS[1], behind(KEYS[1]), ARGV[1]) end
`;

const leave = `if redis.call('llen', KEYS[2]) == 0 then redis.call('zrem', KEYS[1], ARGV[1]) end`;
