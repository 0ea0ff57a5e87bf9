import { join } from "node:path";
import { parseArgs } from "node:util";

import { openBatches, openQueue, openStore } from "@dheera-ai/batch";

import { createFolder } from "../../test/support/temporary-folder.ts";
import { printRow } from "../proxy/table.ts";
import { fileOf } from "./input.ts";

/**
 * What a large file needs when it comes and when it goes: `node -C source bench/batch/files.ts [--lines 1000000]`. A folder and SQLite.
 * Resident memory is looked at every tenth of a second: what a file of that size needs beside one of a tenth. Exits with 1 where memory
 * grows with the file.
 */
const { values } = parseArgs({ options: { lines: { type: "string", default: "1000000" } } });
const lines = Number(values.lines);
const documents = 20;
const mostGrowth = 50;

await using folder = await createFolder();
await using batches = openBatches({
  store: await openStore(join(folder.path, "store")),
  queue: await openQueue(folder.path),
});
// The first of all needs what the second does not: code that is compiled, memory that is kept.
await measure(lines / 10);
const small = await measure(lines / 10);
const large = await measure(lines);
if (large.highest - small.highest > mostGrowth) process.exitCode = 1;

async function measure(count: number): Promise<{ readonly highest: number }> {
  let highest = 0;
  const look = (): void => void (highest = Math.max(highest, process.memoryUsage().rss / 1e6));
  const timer = setInterval(look, 100);
  const uploadBegan = performance.now();
  const file = await batches.files.create({
    owner: "",
    filename: "bench.jsonl",
    purpose: "batch",
    bytes: fileOf(count, documents),
  });
  const uploadSeconds = (performance.now() - uploadBegan) / 1_000;
  const downloadBegan = performance.now();
  let bytes = 0;
  for await (const chunk of batches.files.content(file)) bytes += chunk.length;
  const downloadSeconds = (performance.now() - downloadBegan) / 1_000;
  clearInterval(timer);
  look();
  if (bytes !== file.bytes) throw new Error("the file came back with another length");
  await batches.files.remove(file);
  printRow({
    file: `${(bytes / 1e6).toFixed(0)} MB, ${count} lines`,
    "upload, MB/s": (bytes / 1e6 / uploadSeconds).toFixed(0),
    "download, MB/s": (bytes / 1e6 / downloadSeconds).toFixed(0),
    "resident memory, highest, MB": highest.toFixed(0),
  });
  return { highest };
}
