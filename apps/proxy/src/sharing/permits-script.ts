import { hash } from "node:crypto";

import type { RedisScript } from "@dheera-ai/cache/redis-link";
import * as v from "valibot";

import { leaseMs, longestCooldownMs, probeMs, quietMs, yieldMs } from "./times.ts";

/** What a member tells in one beat, all of it numbers; what was counted, was counted since the last beat. */
const told = [
  /** 1: it leaves, and nothing else counts. */
  "leaving",
  /** The state of Redis that its part was lent by; 0 where it has none. */
  "epoch",
  /** Documents that the server says it takes; -1 where it says nothing. */
  "limit",
  /** The part that it keeps to; -1: it knows no limit. */
  "held",
  /** Documents in flight now, and at most. */
  "flight",
  "peak",
  /** Documents in flight and waiting, at most; and those in the background, which get what nobody else wants. */
  "want",
  "spare",
  /** Documents that succeeded while its part was used up, and documents that the server refused. */
  "succeeded",
  "refused",
  /** Whether one of these was sent when the last lowering was known; and what a refusal leaves at least. */
  "lowers",
  "least",
  /** Milliseconds that a cooldown lasts which began here; 0: none did. */
  "cooled",
  /** 1: a call succeeded that ended a cooldown; the probe failed; somebody asked whether it may be called. */
  "recovered",
  "failed",
  "asked",
] as const;

export type Told = Readonly<Record<(typeof told)[number], number>>;

/** Of a member that needs nothing and found out nothing. */
export const nothingTold: Told = {
  leaving: 0,
  epoch: 0,
  limit: -1,
  held: 0,
  flight: 0,
  peak: 0,
  want: 0,
  spare: 0,
  succeeded: 0,
  refused: 0,
  lowers: 0,
  least: 1,
  cooled: 0,
  recovered: 0,
  failed: 0,
  asked: 0,
};

/** What a member hears. */
export interface Heard {
  /** The state of Redis. */
  readonly epoch: number;
  /** Documents that it may have in flight; undefined where no limit is known. */
  readonly part: number | undefined;
  /** What it would get if everybody had given back what they should. */
  readonly target: number;
  /** Members that live. */
  readonly members: number;
  /** How often refusals lowered what all together allow themselves, and whether it is less than the server's limit now. */
  readonly lowerings: number;
  readonly isLowered: boolean;
  /** Milliseconds for which it sends no calls. */
  readonly closedFor: number;
  /** Its next call is the probe for all. */
  readonly probes: boolean;
}

/**
 * What the processes that share servers tell Redis, and what each may do then: a key for each server, a step for all that
 * this process tells of. A member is one deployment of one process. What is lent to it is a **part** of the server's
 * permits.
 *
 * - Permits are divided max-min fairly by what members have in flight and waiting; what is left, by what they have in the
 *   background. What is left then stays in reserve, but half of an even part is lent also to who wants nothing.
 * - A part grows only by what nobody holds: what another one should give back counts as held until that one has said that
 *   it holds less, and until fewer documents of it are in flight. So the sum of parts never exceeds what is allowed.
 * - All members together allow themselves what one process alone would: half after a refusal, growing again, beyond what
 *   is known to work only now and then (`allowance.ts` of core, whose numbers these are). They yield a quarter for a
 *   moment, as it does, but by the clock: a beat may be many full allowances.
 * - After a cooldown one member probes; the one that failed last only where no other would.
 * - Who comes with a part that another state of Redis lent keeps it, and nobody's part grows until all had time to come.
 *
 * Times are those of Redis, which may be set: what lies too far in the past or the future has expired.
 */
const text = (lease: number, quiet: number): string => `
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local LEASE, PROBE, COOLDOWN, QUIET, YIELD = ${lease}, ${probeMs}, ${longestCooldownMs}, ${quiet}, ${yieldMs}
local random = tonumber(ARGV[1])
local replies = {}

-- Max-min: nobody gets more than it wants, and who wants more than it gets has no less than any other.
local function divide(wants, permits)
  local order, parts = {}, {}
  for j = 1, #wants do order[j] = j end
  table.sort(order, function(a, b) return wants[a] < wants[b] or (wants[a] == wants[b] and a < b) end)
  for position, j in ipairs(order) do
    parts[j] = math.min(wants[j], math.floor(permits / (#order - position + 1)))
    permits = permits - parts[j]
  end
  return parts, permits
end

for i, key in ipairs(KEYS) do
  local from = 2 + (i - 1) * ${told.length + 1}
  local id, row = ARGV[from], {}
  for j = 1, ${told.length} do row[j] = tonumber(ARGV[from + j]) end
  local ${told.join(", ")} = unpack(row)

  local kept = redis.call("HGETALL", key)
  local state, members, own = {}, {}, nil
  for j = 1, #kept, 2 do
    local name = kept[j]
    if string.sub(name, 1, 2) == "m:" then
      local seen, itsLimit, committed, itsPeak, itsWant, itsSpare, itsAsked =
        string.match(kept[j + 1], "^(%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+)$")
      seen = tonumber(seen)
      if not seen or now - seen > LEASE or now - seen < -LEASE then
        redis.call("HDEL", key, name)
      elseif name ~= "m:" .. id then
        members[#members + 1] = { id = string.sub(name, 3), limit = tonumber(itsLimit), committed = tonumber(committed),
          peak = tonumber(itsPeak), want = tonumber(itsWant), spare = tonumber(itsSpare), asked = itsAsked == "1" }
      end
    else
      state[name] = kept[j + 1]
    end
  end
  local function number(name, default) return tonumber(state[name] or "") or default end

  if leaving == 1 then
    redis.call("HDEL", key, "m:" .. id)
    replies[i] = { 0, -1, -1, 0, 0, 0, 0, 0 }
  else
    own = { id = id, limit = limit, peak = peak, want = want, spare = spare, asked = asked == 1 }
    members[#members + 1] = own
    table.sort(members, function(a, b) return a.id < b.id end)
    local count = #members

    local born = number("born", now)
    if now < born - LEASE then born = now end
    -- In microseconds, so that no two states have the same.
    local current, restored = number("epoch", time[1] * 1000000 + time[2]), number("restored", 0)
    if epoch ~= 0 and epoch ~= current then restored = 1 end

    -- What the server takes, and what all together allow themselves.
    local most, tried = math.huge, 0
    for _, member in ipairs(members) do
      if member.limit >= 1 then most = math.min(most, member.limit) end
      tried = tried + member.peak
    end
    local allowed, known = number("allowed", math.huge), number("most", math.huge)
    if allowed >= known or allowed > most then allowed = most end
    local proven, wait, yieldFrom, step = number("proven", 0), number("wait", 0), number("yieldFrom", 0), number("step", 1)
    local probing, lowerings, lowered = number("probing", 0), number("lowerings", 0), number("lowered", 0)
    local yielded = number("yielded", born)
    local round = math.min(allowed, 64)
    -- Nobody took what it gave up for a moment.
    if yieldFrom > 0 and (now - yielded > QUIET or now < yielded) then
      allowed, yieldFrom = math.min(yieldFrom, most), 0
    end
    if state.wait == nil and most < math.huge then wait = round * 100 * (0.5 + random) end
    if refused > 0 then
      local before = math.min(allowed, math.max(tried, 1))
      wait = math.min(wait + refused * 40, before * 40)
      lowerings = math.max(1, lowerings)
      -- One overload lowers it once, however many members it hits before all know.
      if lowers == 1 and (now - lowered > QUIET or now < lowered) then
        lowered, lowerings, step, probing, yieldFrom = now, lowerings + 1, 1, 0, 0
        if proven > 0 and before > proven then
          allowed = math.max(least, math.min(math.floor(before * 0.8), proven))
        else
          allowed = math.max(least, math.floor(before * 0.5))
          proven = math.min(proven, math.max(least, math.floor(before * 0.85)))
        end
      end
    elseif succeeded > 0 then
      if tried < math.huge then proven = math.max(proven, math.min(tried, allowed)) end
      if allowed < math.huge then
        local share = math.min(succeeded / allowed, 16)
        local plateau = most
        if lowerings > 0 then plateau = math.min(most, proven) end
        wait = math.max(0, wait - succeeded)
        if yieldFrom > 0 then
          -- It waits for who might want the places.
        elseif allowed < plateau then
          allowed = math.min(plateau, allowed + share)
        elseif probing == 1 then
          step = math.min(16, step * (1 + 0.25 * share))
          allowed = math.min(most, allowed + share * step)
          if allowed >= most then probing, wait = 0, round * 15 end
        elseif wait <= 0 then
          if allowed < most and random >= 0.6 then
            probing = 1
          else
            wait = round * (lowerings > 0 and 15 or 100) * (0.5 + random)
            if allowed >= 2 and now - yielded > YIELD * (0.5 + random) then
              yieldFrom, yielded = allowed, now
              allowed = math.min(allowed - 1, allowed * 0.75)
            end
          end
        end
      end
    end

    -- This member's part of it.
    local part, target = -1, -1
    own.committed = flight
    if allowed < math.huge then
      local permits = math.max(1, math.floor(allowed))
      local fewest = math.max(1, math.floor(permits / (8 * count)))
      local wants, spares, reserve, mine, lent = {}, {}, {}, 0, 0
      for j, member in ipairs(members) do
        wants[j] = math.min(permits, math.max(fewest, member.want + math.ceil(member.want / 4)))
        spares[j] = math.min(permits, member.spare)
        if member == own then mine = j else lent = lent + member.committed end
      end
      local parts, left = divide(wants, permits)
      local extra
      extra, left = divide(spares, left)
      local half = math.floor(permits / (2 * count))
      for j = 1, count do
        parts[j] = parts[j] + extra[j]
        reserve[j] = math.max(0, half - parts[j])
      end
      target = parts[mine] + divide(reserve, left)[mine]
      local holds = held < 0 and flight or held
      if target <= holds then
        part = target
        own.committed = math.max(holds, flight)
      elseif restored == 1 and now - born < LEASE and holds > 0 then
        part = holds
      else
        part = math.max(holds, math.min(target, permits - lent))
      end
      part = math.max(1, part)
      own.committed = math.max(own.committed, part)
    end

    -- Who may call it after failures.
    local cool, length, prober, probeEnds = number("cool", 0), number("length", 0), state.prober, number("probeEnds", 0)
    if cool > now + COOLDOWN then cool = now + COOLDOWN end
    if recovered == 1 then
      cool, prober = 0, nil
    end
    if cooled > 0 then
      length = math.min(cooled, COOLDOWN)
      cool, prober, state.last = math.max(cool, now + length), nil, id
    elseif failed == 1 and cool > 0 then
      cool, prober, state.last = now + length, nil, id
    end
    local closedFor, probes = 0, 0
    if cool > now then
      closedFor = cool - now
    elseif cool > 0 then
      if prober and (probeEnds < now or probeEnds > now + PROBE) then prober = nil end
      if not prober and asked == 1 then
        local isOthersTurn = false
        if state.last == id and now - cool < LEASE then
          for _, member in ipairs(members) do
            if member ~= own and member.asked then isOthersTurn = true end
          end
        end
        if not isOthersTurn then prober, probeEnds = id, now + PROBE end
      end
      if prober == id then probes = 1 else closedFor = 500 end
    end

    redis.call("HSET", key, "m:" .. id,
      table.concat({ now, limit, own.committed, peak, want, spare, asked }, " "),
      "born", born, "epoch", current, "restored", restored, "proven", proven, "wait", wait, "yieldFrom", yieldFrom, "yielded", yielded, "step", step,
      "probing", probing, "lowerings", lowerings, "lowered", lowered,
      "cool", cool, "length", length, "probeEnds", probeEnds, "last", state.last or "")
    if allowed < math.huge then redis.call("HSET", key, "allowed", allowed) else redis.call("HDEL", key, "allowed") end
    if most < math.huge then redis.call("HSET", key, "most", most) else redis.call("HDEL", key, "most") end
    if prober then redis.call("HSET", key, "prober", prober) else redis.call("HDEL", key, "prober") end
    redis.call("PEXPIRE", key, 60000)
    replies[i] = { current, part, target, count, lowerings, allowed < most and 1 or 0, math.ceil(closedFor), probes }
  end
end
return replies
`;

/**
 * @param lease milliseconds after which a member that is not heard of counts as dead
 * @param quiet milliseconds within which refusals are of one overload
 */
export function permitsScript(lease: number = leaseMs, quiet: number = quietMs): RedisScript {
  const own = text(lease, quiet);
  return { text: own, sha1: hash("sha1", own) };
}

/** The script's values for one member. */
export function permitsValues(id: string, row: Told): readonly (string | number)[] {
  return [id, ...told.map((name) => row[name])];
}

/** @throws Error for a reply that the script does not give */
export function readHeard(reply: unknown, members: number): readonly Heard[] {
  const rows = v.parse(v.pipe(v.array(rowSchema), v.length(members)), reply);
  return rows.map(([epoch, part, target, count, lowerings, isLowered, closedFor, probes]) => ({
    epoch,
    // One document it may always have in flight: no answer stops a process.
    part: part < 0 ? undefined : Math.max(1, part),
    target,
    members: Math.max(1, count),
    lowerings,
    isLowered: isLowered === 1,
    closedFor: Math.min(Math.max(0, closedFor), longestCooldownMs),
    probes: probes === 1,
  }));
}

const whole = v.pipe(v.number(), v.safeInteger());

const rowSchema = v.strictTuple([whole, whole, whole, whole, whole, whole, whole, whole]);
