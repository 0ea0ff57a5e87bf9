/**
 * What is kept of a shard until it has ended is a hash: the attempt that holds it, how often one has died and what it noted, what was
 * counted, and its lines by number. Results are one hash for each batch.
 */

/** Keys: shard, results, unfinished. Values: attempt, number of the shard. An attempt that is still there has not given it back: it died. */
export const begin = `
if redis.call('hexists', KEYS[2], ARGV[2]) == 1 then return false end
local before = redis.call('hget', KEYS[1], '@attempt')
if before then
  redis.call('hincrby', KEYS[1], '@deaths', 1)
  redis.call('hset', KEYS[1], '@dead', before)
end
redis.call('hset', KEYS[1], '@attempt', ARGV[1])
redis.call('sadd', KEYS[3], ARGV[2])
return redis.call('hmget', KEYS[1], '@deaths', '@suspicion')
`;

/** Keys: shard. Values: attempt, suspicion. */
export const suspect = `
if redis.call('hget', KEYS[1], '@attempt') ~= ARGV[1] then return 0 end
redis.call('hset', KEYS[1], '@suspicion', ARGV[2])
return 1
`;

/** Keys: shard. Values: attempt. */
export const leave = `
if redis.call('hget', KEYS[1], '@attempt') ~= ARGV[1] then return 0 end
redis.call('hdel', KEYS[1], '@attempt')
return 1
`;

/** Keys: shard. Values: attempt, which lives: whoever takes the shard next counts no death, or has counted one too many. */
export const takeBackDeath = `
if redis.call('hget', KEYS[1], '@attempt') == ARGV[1] then redis.call('hdel', KEYS[1], '@attempt') end
if redis.call('hget', KEYS[1], '@dead') ~= ARGV[1] then return 0 end
redis.call('hdel', KEYS[1], '@dead')
if tonumber(redis.call('hget', KEYS[1], '@deaths') or '0') > 0 then redis.call('hincrby', KEYS[1], '@deaths', -1) end
return 1
`;

/** Keys: shard, batch. Values: attempt; number, JSON, what it counts as and cost of each line. */
export const keep = `
if redis.call('hexists', KEYS[2], 'version') == 0 then return 0 end
if redis.call('hget', KEYS[1], '@attempt') ~= ARGV[1] then return 0 end
local isProgress = false
for at = 2, #ARGV, 4 do
  local line, json, outcome, cost = unpack(ARGV, at, at + 3)
  if redis.call('hsetnx', KEYS[1], line, json) == 1 then
    isProgress = true
    redis.call('hincrby', KEYS[1], '@' .. outcome, 1)
    redis.call('hincrby', KEYS[2], outcome, 1)
    if cost ~= '' then
      redis.call('hincrbyfloat', KEYS[1], '@cost', cost)
      redis.call('hincrbyfloat', KEYS[2], 'cost', cost)
    end
  end
end
if isProgress and redis.call('hexists', KEYS[1], '@suspicion') == 0 then redis.call('hdel', KEYS[1], '@deaths') end
return 1
`;

/** Keys: shard, batch, results, unfinished. Values: attempt, number of the shard, result, completed, failed, cost. */
export const finish = `
local attempt, shard, result, completed, failed, cost = unpack(ARGV)
local ended = redis.call('hget', KEYS[3], shard)
-- Its answer may have been lost on the way.
if ended then return cjson.decode(ended).attempt == attempt and 1 or 0 end
if redis.call('hget', KEYS[1], '@attempt') ~= attempt then return 0 end
-- Removed, which nothing may be left of.
if redis.call('hexists', KEYS[2], 'version') == 0 then
  redis.call('srem', KEYS[4], shard)
  redis.call('del', KEYS[1])
  return 0
end
local counted = redis.call('hmget', KEYS[1], '@completed', '@failed', '@cost')
redis.call('hincrby', KEYS[2], 'completed', completed - (counted[1] or 0))
redis.call('hincrby', KEYS[2], 'failed', failed - (counted[2] or 0))
if cost ~= '' then redis.call('hincrbyfloat', KEYS[2], 'cost', cost) end
if counted[3] then redis.call('hincrbyfloat', KEYS[2], 'cost', '-' .. counted[3]) end
redis.call('hincrby', KEYS[2], 'ended', 1)
redis.call('hset', KEYS[3], shard, result)
redis.call('srem', KEYS[4], shard)
redis.call('del', KEYS[1])
return 1
`;

/** Keys: results, unfinished, turns, divided. Values: batch, start of a shard's key. */
export const forget = `
for _, shard in ipairs(redis.call('smembers', KEYS[2])) do redis.call('del', ARGV[2] .. shard) end
redis.call('del', KEYS[1], KEYS[2])
redis.call('zrem', KEYS[3], ARGV[1])
redis.call('srem', KEYS[4], ARGV[1])
`;
