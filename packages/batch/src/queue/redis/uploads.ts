import { parse, picklist } from "valibot";

import type { OpenUpload, UploadLimits } from "../../contract.ts";
import type { UploadQueue } from "../queue-parts.ts";
import type { RedisConnection } from "./connection.ts";

const verdict = picklist(["held", "uploads", "uploadsOfOwner", "bytesOfOwner"]);

/** Uploads that have not ended: when each ends at the latest in a sorted set, what it has in a hash. */
export function redisUploads(redis: RedisConnection): UploadQueue {
  return {
    async holdUpload(upload: OpenUpload, limits: UploadLimits): Promise<keyof UploadLimits | undefined> {
      const answer = parse(
        verdict,
        await redis.run(
          hold,
          [...uploadKeys(redis), redis.key("bytes")],
          [
            upload.id,
            upload.owner,
            upload.bytes,
            upload.lease,
            ...[limits.uploads, limits.uploadsOfOwner, limits.bytesOfOwner].map((most) =>
              Math.min(most, Number.MAX_SAFE_INTEGER),
            ),
          ],
        ),
      );
      return answer === "held" ? undefined : answer;
    },

    async releaseUpload(id: string): Promise<void> {
      await redis.run(release, uploadKeys(redis), [id]);
    },
  };
}

export function uploadKeys(redis: RedisConnection): readonly [string, string] {
  return [redis.key("uploads"), redis.key("uploads", "held")];
}

/** Milliseconds by the clock of Redis, which all machines share. */
export const timeNow = `
local time = redis.call('time')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/** Keys: uploads, what they have, bytes of all files by owner. */
const hold = `${timeNow}
local id, owner = ARGV[1], ARGV[2]
local bytes, lease, most, mostOfOwner, mostBytes = unpack(ARGV, 3)
for _, gone in ipairs(redis.call('zrangebyscore', KEYS[1], '-inf', now)) do
  redis.call('zrem', KEYS[1], gone)
  redis.call('hdel', KEYS[2], gone)
end
local all, ofOwner, isHeld = 0, 0, false
local taken = tonumber(redis.call('hget', KEYS[3], owner) or 0)
local uploads = redis.call('hgetall', KEYS[2])
for at = 1, #uploads, 2 do
  local its, whose = string.match(uploads[at + 1], '^(%d+) (.*)$')
  all = all + 1
  if uploads[at] == id then isHeld = true end
  if whose == owner then
    ofOwner = ofOwner + 1
    if uploads[at] ~= id then taken = taken + tonumber(its) end
  end
end
if not isHeld and all >= tonumber(most) then return 'uploads' end
if not isHeld and ofOwner >= tonumber(mostOfOwner) then return 'uploadsOfOwner' end
if taken + tonumber(bytes) > tonumber(mostBytes) then
  -- In the same step: of several that are too much together, one has the room of another.
  redis.call('zrem', KEYS[1], id)
  redis.call('hdel', KEYS[2], id)
  return 'bytesOfOwner'
end
redis.call('zadd', KEYS[1], string.format('%.0f', now + tonumber(lease)), id)
redis.call('hset', KEYS[2], id, bytes .. ' ' .. owner)
return 'held'
`;

/** Keys: uploads, what they have. */
const release = `
redis.call('zrem', KEYS[1], ARGV[1])
redis.call('hdel', KEYS[2], ARGV[1])
`;
