import { join } from "node:path";

import { expect, it } from "vitest";

import { memoryLog } from "../../fixtures/memory-log.ts";
import { startProxy } from "../../fixtures/start-proxy.ts";
import { scoreByNumber, startUpstream } from "../../fixtures/start-upstream.ts";
import { temporaryFolder } from "../../fixtures/temporary-folder.ts";

const request = { model: "both", query: "milk", documents: ["0.1 bread", "0.2 milk milk", "0.9 milk"] };

function yamlOf(stages: string, url: string): string {
  return `
model_list:
  - { model_name: near, dheera_ai_params: { model: bm25/default } }
  - { model_name: far, dheera_ai_params: { model: huggingface/BAAI/bge-reranker-base, api_base: "${url}" } }
  - { model_name: both, dheera_ai_params: { model: cascade/both, stages: ${stages} } }
`;
}

it("asks the new models of a combined one, and ends what had begun with the old ones", async () => {
  const gate = Promise.withResolvers<void>();
  await using old = await startUpstream(async (asked) => {
    await gate.promise;
    scoreByNumber(asked);
  });
  await using other = await startUpstream();
  const before = yamlOf("[{ model: near, keep: 2 }, { model: far }]", old.url);
  await using folder = await temporaryFolder({ "config.yaml": before });
  const log = memoryLog();
  await using proxy = await startProxy({ configPath: join(folder.path, "config.yaml"), log });
  const begun = proxy.post("/rerank", request);
  await expect.poll(() => old.requests).toHaveLength(1);

  await folder.write("config.yaml", yamlOf("[{ model: far, keep: 1 }, { model: near }]", other.url));
  process.emit("SIGHUP", "SIGHUP");
  await expect.poll(() => log.lines).toContain("info: the configuration was taken up anew");
  expect(await (await proxy.post("/rerank", request)).json()).toMatchObject({
    results: [{ index: 2, stage: "near" }, { stage: "far" }, { stage: "far" }],
    meta: {
      stages: [
        { model: "far", documents: 3 },
        { model: "near", documents: 1 },
      ],
    },
  });
  expect(other.requests).toHaveLength(1);

  gate.resolve();
  const answer = await begun;
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({
    results: [
      { index: 2, relevance_score: 0.9, stage: "far" },
      { index: 1, stage: "far" },
      { index: 0, stage: "near" },
    ],
    meta: {
      stages: [
        { model: "near", documents: 3 },
        { model: "far", documents: 2 },
      ],
    },
  });
  expect([old.aborted, old.requests.length, other.requests.length]).toEqual([0, 1, 1]);
});

it("keeps the combined model that it has where a new configuration names a member that is not there", async () => {
  await using upstream = await startUpstream();
  const stages = "[{ model: near, keep: 2 }, { model: far }]";
  await using folder = await temporaryFolder({ "config.yaml": yamlOf(stages, upstream.url) });
  const log = memoryLog();
  await using proxy = await startProxy({ configPath: join(folder.path, "config.yaml"), log });
  await folder.write("config.yaml", yamlOf("[{ model: near, keep: 2 }, { model: gone }]", upstream.url));
  process.emit("SIGHUP", "SIGHUP");
  await expect.poll(() => log.lines.join("\n")).toContain('"gone"');
  expect(log.lines).not.toContain("info: the configuration was taken up anew");
  expect(await (await proxy.post("/rerank", request)).json()).toMatchObject({
    meta: { stages: [{ model: "near" }, { model: "far" }] },
  });
});
