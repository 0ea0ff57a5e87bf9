import { Redis } from "ioredis";
import { describe, expect, it } from "vitest";

import { eventually } from "../../../../../test/support/eventually.ts";
import { needs } from "../../../../../test/support/programs.ts";
import { startRedisCluster } from "../../../../../test/support/redis-cluster.ts";
import { createFolder } from "../../../../../test/support/temporary-folder.ts";
import { create, linesOf, requestOf } from "../../fixtures/place.ts";
import { type Batches, openBatches } from "../../open-batches.ts";
import { openQueue } from "../../open-queue.ts";
import { openStore } from "../../open-store.ts";
import { batchOf, keptOf, shardsOf } from "../../testing/records.ts";

describe("a cluster of Redis", { ...needs("redis-server"), timeout: 120_000 }, () => {
  it("runs batches for processes that each know another node, with all keys on one of them, and leaves nothing behind", async () => {
    await using cluster = await startRedisCluster();
    await using folder = await createFolder();
    const open = async (node: { readonly url: string } | undefined): Promise<Batches> =>
      openBatches({ queue: await openQueue(node?.url ?? ""), store: await openStore(folder.path) });
    const [one, two, three] = cluster.nodes;
    await using asking = await open(one);
    await using working = await open(two);
    await using alsoWorking = await open(three);
    const ids = Array.from({ length: 2_500 }, (_, number) => `id-${number}`);
    const { id } = await create(asking, ids.map(requestOf));
    const cancelled = await create(asking, ["a"].map(requestOf));
    await asking.batches.cancel(cancelled.id);
    for (const { work } of [working, alsoWorking])
      work({ rankLine: async ({ body }) => ({ status: JSON.stringify(body).includes("99") ? 400 : 200, body: {} }) });
    await eventually(async () => (await asking.batches.find(id))?.status).toBe("completed");
    await eventually(async () => (await asking.batches.find(cancelled.id))?.status).toBe("cancelled");
    const batch = await asking.batches.find(id);
    const failed = ids.filter((each) => each.includes("99"));
    expect(batch?.counts).toEqual({ total: 2_500, completed: 2_500 - failed.length, failed: failed.length });
    expect(idsOf(await linesOf(asking, batch?.outputFileId))).toEqual(ids.filter((each) => !each.includes("99")));
    expect(idsOf(await linesOf(asking, batch?.errorFileId))).toEqual(failed);

    const keys = await Promise.all(cluster.nodes.map((node) => keysOf(node.url)));
    expect(keys.filter((each) => each.length > 0)).toHaveLength(1);
    await eventually(async () => {
      const left = await Promise.all(cluster.nodes.map((node) => keysOf(node.url)));
      return left.flat().filter((key) => /:(shard|shards|results|unfinished):/.test(key));
    }).toEqual([]);
  });

  it("gives what a claim kept to the next one, and refuses a key prefix that would spread the keys", async () => {
    await using cluster = await startRedisCluster();
    const [one, two] = cluster.nodes;
    const queue = await openQueue({ url: one?.url, keyPrefix: "{other}" });
    const other = await openQueue({ url: two?.url, keyPrefix: "{other}" });
    const batch = batchOf();
    await queue.saveBatch(batch);
    await queue.addShards(batch.id, shardsOf(2));
    const claim = await queue.take(endless);
    await claim?.keep([keptOf(0)]);
    await claim?.release();
    const taken = [await other.take(endless), await other.take(endless)];
    const again = taken.find((each) => each?.shard === claim?.shard);
    expect(await again?.kept()).toEqual([keptOf(0)]);
    expect(await again?.finish({ completed: 1, failed: 0 })).toBe(true);
    expect(await queue.depth()).toEqual({ waiting: 0, running: 1 });
    await queue.close();
    await other.close();
    await expect(openQueue({ url: one?.url, keyPrefix: "plain" })).rejects.toMatchObject({
      code: "invalid_request",
      message: expect.stringContaining("braces"),
    });
  });
});

const endless: AbortSignal = new AbortController().signal;

async function keysOf(url: string): Promise<readonly string[]> {
  const client = new Redis(url);
  const keys = await client.keys("*");
  client.disconnect();
  return keys;
}

function idsOf(lines: readonly unknown[]): readonly unknown[] {
  return lines.map((line) =>
    typeof line === "object" && line !== null && "custom_id" in line ? line.custom_id : undefined,
  );
}
