import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { type Batches, openBatches, openQueue, openStore } from "@dheera-ai/batch";
import { memoryCache } from "@dheera-ai/cache";
import { createDheera } from "@dheera-ai/core";
import { huggingface } from "@dheera-ai/huggingface";

import { rankWith } from "../../test/batch/rank-with.ts";
import { startTextEmbeddingsProcess } from "../../test/real-servers/text-embeddings-process.ts";
import { createFolder } from "../../test/support/temporary-folder.ts";
import { median } from "../proxy/median.ts";
import { printRow } from "../proxy/table.ts";
import { type Way, drive } from "./real-server/drive.ts";
import { makeLines, toJsonLines } from "./real-server/lines.ts";

/**
 * What a batch gets of a real Text Embeddings Inference, compared with what that does at its best when it is driven
 * directly: `node -C source bench/batch/real-server.ts [--lines 200] [--documents 50] [--rounds 5]
 * [--concurrency 32]`. The server is driven by
 * so many calls at one time of so many documents each, neighbours in length beside each other; the best of these ways is
 * compared with a batch of the same documents, which starts with nothing known, in rounds that take turns. Prints medians
 * and the median of the ratios within rounds, and exits with 1 where that is below 0.95. The ratio by the processor time that the
 * server took says on a busy machine whether it had more to do.
 */
const { values } = parseArgs({
  options: {
    lines: { type: "string", default: "200" },
    documents: { type: "string", default: "50" },
    rounds: { type: "string", default: "5" },
    /** Lines that the batch asks at one time. */
    concurrency: { type: "string", default: "32" },
  },
});
const goal = 0.95;
const ticksPerSecond = 100;
const ways: readonly Way[] = [1, 2, 4, 8].flatMap((calls) => [8, 16, 32].map((documents) => ({ calls, documents })));

await using server = await startTextEmbeddingsProcess();
const lines = makeLines(Number(values.lines), Number(values.documents));
const pairs = lines.reduce((sum, { documents }) => sum + documents.length, 0);

const speeds: number[] = [];
for (const way of ways) speeds.push(pairs / (await drive(server.url, lines, way)));
const fastest = ways.map((way, index) => ({ way, speed: speeds[index] ?? 0 })).sort((a, b) => b.speed - a.speed);
for (const { way, speed } of fastest)
  printRow({ calls: `${way.calls}`, "documents each": `${way.documents}`, "documents/s": speed.toFixed(0) });
// One run each says little of ways that are nearly as fast: the best of a few are asked in each round.
const candidates = fastest.slice(0, 3).map(({ way }) => way);

interface Run {
  /** Documents a second, and a second of the server's processor time. */
  readonly speed: number;
  readonly perProcessorSecond: number;
}

const rounds: { readonly direct: Run; readonly batch: Run }[] = [];
for (let round = 0; round < Number(values.rounds); round++) {
  // Who is first changes: what warms up, or is disturbed, is not always the same.
  if (round % 2 === 0) rounds.push({ direct: await driveBest(), batch: await timed(runBatch) });
  else {
    const batch = await timed(runBatch);
    rounds.push({ direct: await driveBest(), batch });
  }
}
const of = (figure: (round: (typeof rounds)[number]) => number): number => median(rounds.map(figure));
const ratio = of(({ direct, batch }) => batch.speed / direct.speed);
printRow({
  "direct, documents/s": of(({ direct }) => direct.speed).toFixed(0),
  "batch, documents/s": of(({ batch }) => batch.speed).toFixed(0),
  ratio: ratio.toFixed(3),
  goal: `≥ ${goal}`,
  "ratios of rounds": rounds.map(({ direct, batch }) => (batch.speed / direct.speed).toFixed(2)).join(", "),
  "ratio by the server's processor time": of(
    ({ direct, batch }) => batch.perProcessorSecond / direct.perProcessorSecond,
  ).toFixed(3),
});
if (ratio < goal) process.exitCode = 1;

async function driveBest(): Promise<Run> {
  let best: Run = { speed: 0, perProcessorSecond: 0 };
  for (const way of candidates) {
    const run = await timed(() => drive(server.url, lines, way));
    if (run.speed > best.speed) best = run;
  }
  return best;
}

/** @param work resolves to the seconds that it took */
async function timed(work: () => Promise<number>): Promise<Run> {
  const before = await processorSeconds(server.pid);
  const seconds = await work();
  return { speed: pairs / seconds, perProcessorSecond: pairs / ((await processorSeconds(server.pid)) - before) };
}

/** Of all threads of a process, on Linux; NaN elsewhere. */
async function processorSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  const fields = stat.slice(stat.lastIndexOf(")")).split(" ");
  return (Number(fields[12]) + Number(fields[13])) / ticksPerSecond;
}

/** Seconds of a batch of all lines, from its creation to its end. */
async function runBatch(): Promise<number> {
  await using folder = await createFolder();
  await using dheera = disposable(
    createDheera({
      providers: [huggingface({ environment: {} })],
      cache: memoryCache(),
      model_list: [{ model_name: "reranker", dheera_ai_params: { model: "huggingface/tiny", api_base: server.url } }],
    }),
  );
  await using batches = openBatches({
    store: await openStore(join(folder.path, "store")),
    queue: await openQueue(folder.path),
  });
  const file = await batches.files.create({
    owner: "",
    filename: "lines.jsonl",
    purpose: "batch",
    bytes: toJsonLines(lines, "reranker"),
  });
  const began = performance.now();
  const { id } = await batches.batches.create({
    owner: "",
    inputFileId: file.id,
    endpoint: "/v1/rerank",
    completionWindow: "24h",
  });
  const work = batches.work({ rankLine: rankWith(dheera.value), concurrency: Number(values.concurrency) });
  await endOf(batches, id);
  const seconds = (performance.now() - began) / 1_000;
  await work.close();
  return seconds;
}

async function endOf(batches: Batches, id: string): Promise<void> {
  for (;;) {
    const batch = await batches.batches.find(id);
    if (batch?.status === "completed" && batch.counts.completed === lines.length) return;
    if (!["validating", "in_progress", "finalizing"].includes(batch?.status ?? "")) throw new Error("the batch failed");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function disposable<T extends { close(): Promise<void> }>(value: T): AsyncDisposable & { readonly value: T } {
  return { value, [Symbol.asyncDispose]: () => value.close() };
}
