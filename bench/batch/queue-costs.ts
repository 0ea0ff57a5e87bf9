/**
 * What shards and lines cost each queue: milliseconds for each step, and bytes in Redis or in the file.
 * `node -C source bench/batch/queue-costs.ts [shards] [lines of a shard]`
 */
import { stat } from "node:fs/promises";
import { join } from "node:path";

import { Redis } from "ioredis";

import type { Claim, KeptLine, Queue } from "../../packages/batch/src/contract.ts";
import { openQueue } from "../../packages/batch/src/open-queue.ts";
import { batchOf, fileOf } from "../../packages/batch/src/testing/records.ts";
import { startRedisServer } from "../../test/support/redis-server.ts";
import { createFolder } from "../../test/support/temporary-folder.ts";

const [shards = 5_000, lines = 1_000] = process.argv.slice(2).map(Number);
const endless = new AbortController().signal;
/** As an answer with ten results is. */
const text = JSON.stringify({
  id: "batch_req_0123456789abcdef01234567",
  custom_id: "request-0000001",
  response: {
    status_code: 200,
    request_id: "0123456789abcdef",
    body: { id: "x".repeat(24), results: Array.from({ length: 10 }, (_, index) => ({ index, relevance_score: 0.5 })) },
  },
  error: null,
});

await using server = await startRedisServer("--appendonly", "yes", "--appendfsync", "everysec");
const redis = new Redis(server.url);
console.log(`Redis, ${shards} shards of ${lines} lines of ${text.length} bytes`);
await measure(server.url, async () => Number(/used_memory:(\d+)/.exec(await redis.info("memory"))?.[1]));
redis.disconnect();
await using folder = await createFolder();
console.log(`SQLite, ${shards} shards of ${lines} lines of ${text.length} bytes`);
await measure(folder.path, async () => {
  const sizes = await Promise.all(
    ["queue.db", "queue.db-wal"].map(async (name) => (await stat(join(folder.path, name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
});

async function measure(where: string, sizeNow: () => Promise<number>): Promise<void> {
  const queue = await openQueue(where);
  const parts = Array.from({ length: shards }, (_, shard) => ({
    shard,
    part: { name: `files/file-0123456789abcdef01234567/${shard}-01234567.gz`, bytes: 1_000_000, lines },
  }));
  const batch = batchOf();
  await queue.saveBatch(batch);
  const held: Claim[] = [];
  const step = async (name: string, times: number, work: () => Promise<void>): Promise<void> => {
    const [size, start] = [await sizeNow(), performance.now()];
    await work();
    const elapsed = performance.now() - start;
    const bytes = Math.round(((await sizeNow()) - size) / times);
    console.log(
      `  ${name}: ${(elapsed / times).toFixed(3)} ms and ${bytes} bytes each, ${elapsed.toFixed(0)} ms in all`,
    );
  };
  await step("part of a file", shards, () =>
    queue.saveFile(
      fileOf(),
      parts.map(({ part }) => part),
    ),
  );
  await step("shard that waits", shards, () => queue.addShards(batch.id, parts));
  await step("shard taken", 32, async () => {
    while (held.length < 32) held.push(await taken(queue));
  });
  await step("line kept, 50 at a time", 32 * lines, async () => {
    for (const claim of held) for (let line = 0; line < lines; line += 50) await claim.keep(linesFrom(line));
  });
  await step("shard finished, its lines forgotten", 32, async () => {
    for (const claim of held) await finish(claim);
  });
  await step("shard taken and finished, eight at a time", shards - 32, async () => {
    let left = shards - 32;
    const work = async (): Promise<void> => {
      while (left-- > 0) await finish(await taken(queue));
    };
    await Promise.all(Array.from({ length: 8 }, work));
  });
  await step("shard of a batch that is forgotten", shards, () => queue.forgetShards(batch.id));
  await queue.close();
}

function linesFrom(first: number): readonly KeptLine[] {
  return Array.from({ length: Math.min(50, lines - first) }, (_, index) => ({
    line: first + index,
    isError: false,
    text,
    cost: 0.000_1,
  }));
}

async function taken(queue: Queue): Promise<Claim> {
  for (;;) {
    const claim = await queue.take(endless);
    if (claim !== undefined) return claim;
  }
}

async function finish(claim: Claim): Promise<void> {
  const output = { name: `outputs/${claim.batchId}/${claim.shard}-${claim.attempt}.gz`, bytes: 300_000, lines };
  await claim.finish({ output, completed: lines, failed: 0, cost: 0.000_1 * lines });
}
