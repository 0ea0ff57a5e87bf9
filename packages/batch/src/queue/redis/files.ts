import { array, nullable, number, parse, string, tuple } from "valibot";

import type { FilePage, FilePart, FileRecord } from "../../contract.ts";
import { collect } from "../collect.ts";
import type { FileQueue } from "../queue-parts.ts";
import { readFile, readPart } from "../records.ts";
import { unknownAfter } from "../unknown-after.ts";
import type { RedisConnection } from "./connection.ts";
import { idsOfPage } from "./page.ts";
import { timeNow, uploadKeys } from "./uploads.ts";

/** Parts that are read at once. */
const chunk = 1_000;

/** A record with what is asked about it in a hash, its parts in a list, and an index for each way of listing it. */
export function redisFiles(redis: RedisConnection): FileQueue {
  const keysOf = (id: string): readonly string[] => [
    redis.key("file", id),
    redis.key("parts", id),
    redis.key("bytes"),
    redis.key("expiring"),
    ...uploadKeys(redis),
  ];
  return {
    async saveFile(file: FileRecord, parts: AsyncIterable<FilePart> | Iterable<FilePart>): Promise<void> {
      const all = await collect(parts);
      const { id, owner, purpose, bytes, createdAt, expiresAt } = file;
      await redis.run(save, keysOf(id), [
        redis.prefix,
        id,
        owner,
        purpose,
        bytes,
        createdAt,
        expiresAt ?? "",
        JSON.stringify(file),
        ...all.map((part) => JSON.stringify(part)),
      ]);
    },

    async findFile(id: string): Promise<FileRecord | undefined> {
      const record = await redis.ask(() => redis.client.hget(redis.key("file", id), "record"));
      return record === null ? undefined : readFile(record);
    },

    async *partsOf(fileId: string): AsyncIterable<FilePart> {
      for (let from = 0; ; from += chunk) {
        const rows = await redis.ask(() => redis.client.lrange(redis.key("parts", fileId), from, from + chunk - 1));
        yield* rows.map(readPart);
        if (rows.length < chunk) return;
      }
    },

    async listFiles(page: FilePage): Promise<readonly FileRecord[]> {
      const { owner, purpose, after = "", limit, order = "desc", now = "" } = page;
      const values = [after, limit, order, redis.key("file", ""), now];
      const records = await redis.run(list, [indexOf(redis, owner, purpose), redis.key("expiring")], values);
      if (records === null) throw unknownAfter();
      return parse(array(string()), records).map(readFile);
    },

    async removeFile(id: string): Promise<string | undefined> {
      const reader = await redis.run(remove, [...keysOf(id), redis.key("batches", "open")], [redis.prefix, id]);
      return parse(nullable(string()), reader) ?? undefined;
    },

    async bytesOf(owner: string): Promise<number> {
      const bytes = await redis.ask(() => redis.client.hget(redis.key("bytes"), owner));
      return parse(number(), Number(bytes ?? 0));
    },

    async stored(): Promise<{ readonly files: number; readonly bytes: number; readonly uploads: number }> {
      const keys = [indexOf(redis, undefined, undefined), redis.key("bytes"), uploadKeys(redis)[0]];
      const [files, bytes, uploads] = parse(tuple([number(), string(), number()]), await redis.run(stored, keys));
      return { files, bytes: Number(bytes), uploads };
    },

    async expiredFiles(now: number, limit: number, skip = 0): Promise<readonly FileRecord[]> {
      const expiring = redis.key("expiring");
      const ids = await redis.ask(() => redis.client.zrangebyscore(expiring, 0, now, "LIMIT", skip, limit));
      const records = await redis.ask(() =>
        Promise.all(ids.map((id) => redis.client.hget(redis.key("file", id), "record"))),
      );
      return parse(array(nullable(string())), records).flatMap((record) => (record === null ? [] : [readFile(record)]));
    },
  };
}

function indexOf(redis: RedisConnection, owner: string | undefined, purpose: string | undefined): string {
  return redis.key("files", owner === undefined ? "all" : `of:${owner}`, purpose ?? "any");
}

/** Takes a file out of every index. */
const forget = `
local function forget(prefix, id)
  local old = redis.call('hmget', KEYS[1], 'owner', 'purpose', 'bytes')
  if not old[1] then return end
  for _, whose in ipairs({'all', 'of:' .. old[1]}) do
    for _, purpose in ipairs({'any', old[2]}) do redis.call('zrem', prefix .. ':files:' .. whose .. ':' .. purpose, id) end
  end
  if old[3] ~= '0' then redis.call('hincrby', KEYS[3], old[1], '-' .. old[3]) end
  redis.call('zrem', KEYS[4], id)
  redis.call('del', KEYS[1], KEYS[2])
end
`;

const remove = `${forget}
for _, batch in ipairs(redis.call('zrange', KEYS[#KEYS], 0, -1)) do
  local record = redis.call('hget', ARGV[1] .. ':batch:' .. batch, 'record')
  if record and cjson.decode(record).inputFileId == ARGV[2] then return batch end
end
forget(ARGV[1], ARGV[2])
return false
`;

const save = `${forget}
local prefix, id, owner, purpose, bytes, created, expires, record = unpack(ARGV, 1, 8)
forget(prefix, id)
redis.call('hset', KEYS[1], 'owner', owner, 'purpose', purpose, 'bytes', bytes, 'record', record)
for position = 9, #ARGV do redis.call('rpush', KEYS[2], ARGV[position]) end
-- Not before: a Redis without memory lets a script go on that has removed something.
redis.call('zrem', KEYS[5], id)
redis.call('hdel', KEYS[6], id)
redis.call('hincrby', KEYS[3], owner, bytes)
if expires ~= '' then redis.call('zadd', KEYS[4], expires, id) end
for _, whose in ipairs({'all', 'of:' .. owner}) do
  for _, kind in ipairs({'any', purpose}) do redis.call('zadd', prefix .. ':files:' .. whose .. ':' .. kind, created, id) end
end
`;

/** Keys: index, times of those that expire. Values: after, limit, order, what keys of files begin with, the time, which may be missing. */
const list = `
${idsOfPage}
local limit, now = tonumber(ARGV[2]), tonumber(ARGV[5])
local records = {}
while #ids > 0 do
  for _, id in ipairs(ids) do
    local expires = now and redis.call('zscore', KEYS[2], id)
    if not expires or tonumber(expires) > now then
      records[#records + 1] = redis.call('hget', ARGV[4] .. id, 'record')
      if #records == limit then return records end
    end
  end
  from = from + #ids
  ids = idsFrom(from)
end
return records
`;

/** A sum as text, because it may be more than an answer's numbers hold. Keys: files, bytes by owner, uploads. */
const stored = `${timeNow}
local bytes = 0
for _, its in ipairs(redis.call('hvals', KEYS[2])) do bytes = bytes + its end
return { redis.call('zcard', KEYS[1]), string.format('%.0f', bytes), redis.call('zcount', KEYS[3], '(' .. string.format('%.0f', now), '+inf') }
`;
