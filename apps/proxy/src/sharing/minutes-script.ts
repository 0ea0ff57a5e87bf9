import { hash } from "node:crypto";

import type { RedisScript } from "@dheera-ai/cache/redis-link";
import * as v from "valibot";

import { leaseMs, minuteMs } from "./times.ts";

/** What a member tells of the calls of its minutes in one beat, all of it numbers. */
const told = [
  /** 1: it leaves, and of the rest only `minute` and `used` count. */
  "leaving",
  /** The state of Redis that it heard of last; 0 where it heard of none. */
  "epoch",
  /** Calls a minute of all members together. */
  "limit",
  /** The minute that it counts in; 0 where it knows none. */
  "minute",
  /** Calls of that minute that it may make, those that it has made included; and those that it has made. */
  "held",
  "used",
  /** Calls that it may make in the minute after it, before it has heard of that one. */
  "next",
  /** Calls that it would like to have left. */
  "want",
] as const;

export type ToldMinute = Readonly<Record<(typeof told)[number], number>>;

/** What a member hears of them. */
export interface HeardMinute {
  /** The state of Redis. */
  readonly epoch: number;
  readonly minute: number;
  /** Milliseconds until it ends. */
  readonly endsIn: number;
  readonly held: number;
  readonly next: number;
  /** Calls of the minute that nobody holds. */
  readonly free: number;
  /** Members that live. */
  readonly members: number;
}

/**
 * The calls of a minute (`rpm`), lent to the processes that make them: a key for each limit. A member is one process.
 *
 * - A member holds calls that it may make in this minute. It gets more of those that nobody holds: at once up to a part
 *   that leaves an equal one to a newcomer, beyond it a part of the rest at a time, so that who comes first leaves some. So the sum of what
 *   members hold never exceeds the limit, and each call is counted in one minute.
 * - What a member does not need it gives back: it says that it holds less, and keeps to that from the moment it says so.
 * - So that a minute need not begin with a question, each has calls of the next one too: half of an even part where it
 *   makes calls, else an eighth.
 * - What a member that died or left had used stays used until the minute ends; what a dead one had left is lost with it.
 * - Who comes with calls that another state of Redis lent keeps them, and nobody gets more until all had time to come.
 *
 * Minutes are those of the clock of Redis.
 */
const text = (lease: number, minute: number): string => `
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local LEASE, MINUTE = ${lease}, ${minute}
local current = math.floor(now / MINUTE)
local replies = {}

for i, key in ipairs(KEYS) do
  local from = 1 + (i - 1) * ${told.length + 1}
  local id, row = ARGV[from], {}
  for j = 1, ${told.length} do row[j] = tonumber(ARGV[from + j]) end
  local ${told.join(", ")} = unpack(row)

  local kept = redis.call("HGETALL", key)
  local state, others, own = {}, {}, { held = 0, next = 0 }
  for j = 1, #kept, 2 do
    local name = kept[j]
    if string.sub(name, 1, 2) == "m:" then
      local seen, itsLimit, itsHeld, itsNext = string.match(kept[j + 1], "^(%S+) (%S+) (%S+) (%S+)$")
      local member = { name = name, seen = tonumber(seen), limit = tonumber(itsLimit), held = tonumber(itsHeld), next = tonumber(itsNext) }
      if name == "m:" .. id then own = member else others[#others + 1] = member end
    else
      state[name] = tonumber(kept[j + 1])
    end
  end
  local born = state.born or now
  if now < born then born = now end
  -- In microseconds, so that no two states have the same.
  local known, restored = state.epoch or (time[1] * 1000000 + time[2]), state.restored or 0
  if epoch ~= 0 and epoch ~= known then restored = 1 end

  -- What was lent of the minute that begins is all that is held of it.
  local function begin(member, lives)
    if state.minute == current then return end
    member.held = lives and state.minute == current - 1 and member.next or 0
    member.next = 0
  end
  local count, most, lent, booked = 1, limit, 0, 0
  for _, member in ipairs(others) do
    local lives = now - member.seen <= LEASE and now - member.seen >= -LEASE
    begin(member, lives)
    if lives then
      count, most, booked = count + 1, math.min(most, member.limit), booked + member.next
    end
    lent = lent + member.held
    if not lives and member.held == 0 then
      redis.call("HDEL", key, member.name)
    else
      redis.call("HSET", key, member.name, table.concat({ member.seen, member.limit, member.held, lives and member.next or 0 }, " "))
    end
  end
  begin(own, true)
  if minute == 0 or minute == current then
    own.held = leaving == 1 and used or math.max(held, used)
    own.next = next
  elseif minute < current then
    used = 0
  else
    want = 0
  end

  local free = math.max(0, most - lent - own.held)
  if leaving == 1 then
    redis.call("HSET", key, "m:" .. id, table.concat({ 0, limit, own.held, 0 }, " "))
    replies[i] = { 0, current, 0, 0, 0, 0, count }
  else
    local missing = math.min(want - (own.held - used), free)
    if missing > 0 and not (restored == 1 and now - born < LEASE) then
      local gets = math.min(missing, math.max(math.floor(most / (count + 1)) - own.held, math.ceil(free / (2 * count))))
      own.held, free = own.held + gets, free - gets
    end
    local wanted = math.floor(most / ((used > 0 and 2 or 8) * count))
    local gets = math.min(wanted, math.max(0, most - booked))
    redis.call("HSET", key, "m:" .. id, table.concat({ now, limit, own.held, math.max(own.next, gets) }, " "))
    replies[i] = { known, current, (current + 1) * MINUTE - now, own.held, gets, free, count }
  end
  redis.call("HSET", key, "minute", current, "born", born, "epoch", known, "restored", restored)
  redis.call("PEXPIRE", key, 2 * MINUTE)
end
return replies
`;

/**
 * @param lease milliseconds after which a member that is not heard of counts as dead
 * @param minute milliseconds of a minute
 */
export function minutesScript(lease: number = leaseMs, minute: number = minuteMs): RedisScript {
  const own = text(lease, minute);
  return { text: own, sha1: hash("sha1", own) };
}

/** The script's values for one member. */
export function minutesValues(id: string, row: ToldMinute): readonly (string | number)[] {
  return [id, ...told.map((name) => row[name])];
}

/** @throws Error for a reply that the script does not give */
export function readHeardMinutes(reply: unknown, members: number): readonly HeardMinute[] {
  const rows = v.parse(v.pipe(v.array(rowSchema), v.length(members)), reply);
  return rows.map(([epoch, minute, endsIn, held, next, free, count]) => ({
    epoch,
    minute,
    endsIn,
    held,
    next,
    free,
    members: Math.max(1, count),
  }));
}

const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const rowSchema = v.strictTuple([whole, whole, whole, whole, whole, whole, whole]);
