import { join } from "node:path";
import { parseArgs } from "node:util";

import { startS3Server } from "../pypi-clients/s3-server.ts";
import { killAndStart, startRedisServer } from "../support/redis-server.ts";
import { createFolder } from "../support/temporary-folder.ts";
import { runChaos } from "./run.ts";

/**
 * `node -C source test/batch/main.ts [--lines 100000] [--kills 25] [--redis [--restarts 3]] [--s3]`: the chaos run by hand, with its figures. Exits with 1 where a line is
 * missing or there twice, or more than one pair of a hundred was sent again.
 */
const { values } = parseArgs({
  options: {
    lines: { type: "string", default: "100000" },
    documents: { type: "string", default: "5" },
    workers: { type: "string", default: "4" },
    concurrency: { type: "string", default: "32" },
    kills: { type: "string", default: "25" },
    /** Redis in place of SQLite. */
    redis: { type: "boolean", default: false },
    /** A bucket of moto's in place of a folder. */
    s3: { type: "boolean", default: false },
    /** Redis is killed so many times, and started again with what it has written to its disk. */
    restarts: { type: "string", default: "0" },
    /** Milliseconds that the server needs for a call. */
    call: { type: "string", default: "50" },
  },
});
/** What it has answered to is on its disk where it is to be killed. */
const lasting = ["--appendonly", "yes", "--appendfsync", values.restarts === "0" ? "everysec" : "always"];
await using folder = await createFolder();
await using redis = values.redis ? await startRedisServer(...lasting) : undefined;
await using s3 = values.s3 ? await startS3Server() : undefined;
const { problems, figures } = await runChaos({
  queue: redis?.url ?? folder.path,
  store: s3 ? "s3://batches/chaos" : join(folder.path, "store"),
  s3: s3?.settings,
  lines: Number(values.lines),
  documents: Number(values.documents),
  workers: Number(values.workers),
  concurrency: Number(values.concurrency),
  kills: Number(values.kills),
  callMs: Number(values.call),
  restart: redis && { times: Number(values.restarts), act: () => killAndStart(redis) },
  log: (line) => console.log(line),
});
for (const [name, value] of Object.entries(figures)) console.log(`${name}: ${value}`);
// A kill costs the lines that its worker waits for: with fewer lines to each, the share says nothing.
const hasManyLines = Number(values.lines) >= 4_000 * Number(values.kills);
const missed =
  hasManyLines && Number(figures["sent / distinct"]) > 1.01 ? ["more than 1.01 of the pairs were sent"] : [];
if (Number(figures["workers killed"]) < Number(values.kills)) missed.push("fewer workers were killed");
for (const problem of [...problems, ...missed]) console.error(`PROBLEM: ${problem}`);
process.exitCode = problems.length + missed.length === 0 ? 0 : 1;
