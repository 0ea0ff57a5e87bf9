import { expect, it } from "vitest";

import { needs } from "../../../../../test/support/programs.ts";
import { startRedisServer } from "../../../../../test/support/redis-server.ts";
import { batchKey, ended, lineOf, startBatches } from "../../fixtures/start-batches.ts";
import { temporaryFolder } from "../../fixtures/temporary-folder.ts";

const lines = Array.from({ length: 1_200 }, (_, number) => lineOf(`line ${number}`)).join("");

it("batches are the same at every proxy of one Redis, each line once", needs("redis-server"), async () => {
  await using redis = await startRedisServer();
  await using folder = await temporaryFolder();
  const yaml = `
model_list: [{ model_name: bm25, dheera_ai_params: { model: bm25/default } }]
general_settings: { master_key: ${batchKey} }
router_settings: { redis_url: "${redis.url}" }`;
  await using first = await startBatches({ yaml, folder: folder.path });
  await using second = await startBatches({ yaml, folder: folder.path });
  const file = await first.upload(lines);
  const { id } = await second.create(file["id"]);
  const batch = await first.until(id, ended);
  expect(batch).toMatchObject({ status: "completed", request_counts: { total: 1_200, completed: 1_200, failed: 0 } });
  const output = await second.lines(batch["output_file_id"]);
  expect(output.map(({ custom_id }) => custom_id)).toEqual(
    Array.from({ length: 1_200 }, (_, number) => `line ${number}`),
  );
});

it("processes that share a port share the batches of a folder, each line once", async () => {
  await using batches = await startBatches({ numWorkers: 2, environment: { PATH: process.env["PATH"] ?? "" } });
  const file = await batches.upload(lines);
  const { id } = await batches.create(file["id"]);
  const batch = await batches.until(id, ended);
  expect(batch).toMatchObject({ status: "completed", request_counts: { total: 1_200, completed: 1_200, failed: 0 } });
  expect(await batches.lines(batch["output_file_id"])).toHaveLength(1_200);
  const metrics = await batches.proxy.get("/metrics", { authorization: `Bearer ${batchKey}` });
  expect(await metrics.text()).toContain('dheera_ai_batch_lines_total{outcome="completed"} 1200\n');
});
