import { hash } from "node:crypto";

import type { RedisScript } from "@dheera-ai/cache/redis-link";
import * as v from "valibot";

import { type Charge, type Taken, minuteMs } from "./rate-counter.ts";

/** What this process knows beside what Redis holds. */
export interface OwnKnowledge {
  /** Points that were let in without Redis within the minute that runs. */
  readonly owed: number;
  /** What Redis said last within the minute that runs, and the age of that minute; for a Redis that has lost it. */
  readonly used: number;
  readonly age: number;
}

/**
 * Adds the points of all charges, or of none: in one step, so that no two proxies can both take what is left. A minute
 * is kept with its beginning, by the clock of Redis: a count belongs to one minute and never passes into the next. That
 * clock may be set: a minute that would begin more than a minute from now was counted by another time and is over.
 */
const text = `
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local minute = ${minuteMs}
local used, began, reply = {}, {}, { 1 }
for i, key in ipairs(KEYS) do
  local points, limit, owed, known, age = unpack(ARGV, i * 5 - 4, i * 5)
  local kept = redis.call("HMGET", key, "used", "began")
  used[i], began[i] = tonumber(kept[1]), tonumber(kept[2])
  if not began[i] then
    used[i], began[i] = tonumber(known), now - age
  end
  if now - began[i] >= minute or now - began[i] < -minute then
    used[i], began[i] = 0, now
  end
  used[i] = used[i] + owed
  if used[i] + points > tonumber(limit) then
    reply[1] = 0
  end
end
for i, key in ipairs(KEYS) do
  if reply[1] == 1 then
    used[i] = used[i] + ARGV[i * 5 - 4]
  end
  redis.call("HSET", key, "used", used[i], "began", began[i])
  redis.call("PEXPIRE", key, minute * 2)
  reply[#reply + 1] = used[i]
  reply[#reply + 1] = math.max(0, began[i] + minute - now)
end
return reply
`;

export const rateScript: RedisScript = { text, sha1: hash("sha1", text) };

/** The script's values for one charge. */
export function scriptValues({ points, limit }: Charge, { owed, used, age }: OwnKnowledge): readonly number[] {
  return [points, limit, owed, used, Math.floor(age)];
}

/** @throws Error for a reply that the script does not give */
export function readReply(reply: unknown): Taken {
  const [fits, ...pairs] = v.parse(numbers, reply);
  return {
    fits: fits === 1,
    usages: Array.from({ length: pairs.length / 2 }, (_, at) => ({
      used: pairs[at * 2] ?? 0,
      resetsIn: pairs[at * 2 + 1] ?? 0,
    })),
  };
}

const numbers = v.array(v.number());
