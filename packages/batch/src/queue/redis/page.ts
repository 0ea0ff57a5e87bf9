/**
 * Part of a script: the ids of one page, and false where `after` is not there. `from` is the place of the first one in the index, and
 * `idsFrom` gives those of later pages. Keys: index. Values: after, limit, order.
 */
export const idsOfPage: string = `
local isAscending = ARGV[3] == 'asc'
local from = 0
if ARGV[1] ~= '' then
  local last = redis.call(isAscending and 'zrank' or 'zrevrank', KEYS[1], ARGV[1])
  if not last then return false end
  from = last + 1
end
local function idsFrom(first) return redis.call(isAscending and 'zrange' or 'zrevrange', KEYS[1], first, first + ARGV[2] - 1) end
local ids = idsFrom(from)
`;
