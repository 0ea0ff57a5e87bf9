import { join } from "node:path";

import { expect, it } from "vitest";

import { eventually } from "../../../../../../test/support/eventually.ts";
import { needs } from "../../../../../../test/support/programs.ts";
import { startRedisServer } from "../../../../../../test/support/redis-server.ts";
import { createFolder } from "../../../../../../test/support/temporary-folder.ts";
import { startProxy } from "../../../fixtures/start-proxy.ts";
import { readSamples } from "../../fixtures/samples.ts";

const names = [
  ["dheera_ai_redis_up", { use: "rate_limits" }],
  ["dheera_ai_redis_up", { use: "servers" }],
  ["dheera_ai_batch_queue_up", {}],
] as const;

it(
  "shows whether Redis is there for limits, servers and batches, while it comes and goes",
  needs("redis-server"),
  async () => {
    await using folder = await createFolder();
    await using redis = await startRedisServer();
    await using proxy = await startProxy({
      yaml: `
model_list: [{ model_name: words, dheera_ai_params: { model: bm25/default } }]
router_settings: { redis_url: "${redis.url}" }
batch_settings: { storage: "${join(folder.path, "batches")}", queue: redis }
`,
    });
    const states = async (): Promise<readonly (number | undefined)[]> => {
      const page = readSamples(await (await proxy.get("/metrics")).text());
      return names.map(([name, labels]) => page.value(name, labels));
    };
    await eventually(states).toEqual([1, 1, 1]);
    await redis.kill();
    await eventually(states).toEqual([0, 0, 0]);
    await redis.start();
    await eventually(states).toEqual([1, 1, 1]);
  },
);

it("shows nothing of what is not configured", async () => {
  await using proxy = await startProxy({
    yaml: "model_list: [{ model_name: words, dheera_ai_params: { model: bm25/default } }]",
  });
  const page = readSamples(await (await proxy.get("/metrics")).text());
  for (const [name, labels] of names) expect(page.value(name, labels)).toBeUndefined();
  expect(page.value("dheera_ai_database_up")).toBeUndefined();
  const readiness: unknown = await (await proxy.get("/health/readiness")).json();
  for (const line of ["db", "spend_journal", "batches", "model_processes"]) expect(readiness).not.toHaveProperty(line);
});
