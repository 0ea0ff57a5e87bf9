import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { needs } from "../support/programs.ts";
import { killAndStart, startRedisServer } from "../support/redis-server.ts";
import { createFolder } from "../support/temporary-folder.ts";
import { type ChaosReport, runChaos } from "./run.ts";

/** Milliseconds against hanging: half a minute on a machine that has nothing else to do. */
const wholeRun = 600_000;

/** The small size; `main.ts` is the large one. */
const size = { lines: 4_000, documents: 3, workers: 4, concurrency: 8, kills: 4, callMs: 20 };

/** What one worker may have asked and not kept: see `Keeper`. */
const mostLost = size.concurrency + 256;

describe("workers that are killed leave each line exactly once in the files of the batch, and little is sent twice:", () => {
  it("SQLite and a folder", { timeout: wholeRun }, async () => {
    await using folder = await createFolder();
    expectWhole(await runChaos({ ...size, queue: folder.path, store: join(folder.path, "store") }));
  });

  it("Redis and a folder", { ...needs("redis-server"), timeout: wholeRun }, async () => {
    await using folder = await createFolder();
    await using redis = await startRedisServer();
    expectWhole(await runChaos({ ...size, queue: redis.url, store: folder.path }));
  });

  it("a Redis that is killed as well and started again", { ...needs("redis-server"), timeout: wholeRun }, async () => {
    await using folder = await createFolder();
    await using redis = await startRedisServer("--appendonly", "yes", "--appendfsync", "always");
    const restart = { times: 2, act: () => killAndStart(redis) };
    const report = await runChaos({ ...size, queue: redis.url, store: folder.path, restart });
    expectWhole(report);
    expect(report.figures["queue started again"]).toBe(2);
  });
});

function expectWhole({ problems, figures }: ChaosReport): void {
  console.log(figures);
  expect(problems).toEqual([]);
  // It was about something. How many depends on how soon the others were done.
  expect(figures["workers killed"]).toBeGreaterThan(0);
  const lost = Number(figures["pairs sent"]) - size.lines * size.documents;
  expect(lost).toBeLessThanOrEqual(size.kills * mostLost * size.documents);
}
