import { readFile } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";

import { type BatchRecord, type Batches, type S3Settings, openBatches, openQueue, openStore } from "@dheera-ai/batch";
import { isDheeraError } from "@dheera-ai/core";
import { looseObject, parse, string } from "valibot";

import { type Crew, startCrew } from "./crew.ts";
import { startCountingUpstream } from "./upstream.ts";

export interface ChaosOptions {
  /** As `openQueue` and `openStore` take them. */
  readonly queue: string;
  readonly store: string;
  /** Of the bucket, where the store is one. */
  readonly s3?: S3Settings | undefined;
  readonly lines: number;
  readonly documents: number;
  readonly workers: number;
  /** Lines at one time in each. */
  readonly concurrency: number;
  /** Evenly over the lines of the batch. */
  readonly kills: number;
  /** Milliseconds that the server needs for a call. */
  readonly callMs: number;
  /** Ends the queue's server as a crash does and starts it again; so many times, evenly over the lines. */
  readonly restart?: { readonly times: number; readonly act: () => Promise<void> } | undefined;
  readonly log?: (line: string) => void;
}

export interface ChaosReport {
  readonly problems: readonly string[];
  readonly figures: Readonly<Record<string, string | number>>;
}

/**
 * A batch that several processes work on, one of which is killed again and again: every custom_id must stand exactly once in the output
 * or the errors, and little may have been sent twice.
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { lines, documents, kills, restart, log } = options;
  await using upstream = await startCountingUpstream(options.callMs);
  await using batches = openBatches({
    queue: await openQueue(options.queue),
    store: await openStore(options.store, options.s3),
  });
  const id = await createBatch(batches, options);
  const began = performance.now();
  await using crew = await startCrew(options.workers, [
    options.queue,
    options.store,
    upstream.url,
    String(options.concurrency),
    JSON.stringify(options.s3 ?? {}),
  ]);
  const watch = new AbortController();
  const memory = highestMemory(crew, watch.signal);
  let killed = 0;
  let restarted = 0;
  for (;;) {
    const { status, counts } = await find(batches, id);
    if (hasEnded(status)) break;
    const ended = counts.completed + counts.failed;
    if (killed < kills && ended >= ((killed + 0.5) * lines) / kills) {
      await crew.replaceOne();
      killed++;
      log?.(`${seconds(began)}: ${ended} lines had ended, ${killed} workers were killed`);
    } else if (restart && restarted < restart.times && ended >= ((restarted + 0.75) * lines) / restart.times) {
      await restart.act();
      restarted++;
      log?.(`${seconds(began)}: ${ended} lines had ended, the queue was started again ${restarted} times`);
    } else await wait(50);
  }
  const took = (performance.now() - began) / 1_000;
  watch.abort();
  const batch = await find(batches, id);
  const answered = await countIds(batches, batch.outputFileId);
  const failed = await countIds(batches, batch.errorFileId);
  const pairs = lines * documents;
  return {
    problems: [
      ...(batch.status === "completed" ? [] : [`the batch is ${batch.status}`]),
      ...problemsOf(lines, answered, failed),
      ...(batch.counts.completed === answered.size && batch.counts.failed === failed.size
        ? []
        : [`the record counts ${JSON.stringify(batch.counts)}`]),
    ],
    figures: {
      lines,
      "pairs, all distinct": pairs,
      "pairs sent": upstream.pairs,
      "sent / distinct": (upstream.pairs / pairs).toFixed(4),
      "workers killed": killed,
      ...(restart && { "queue started again": restarted }),
      "custom_ids in the output": answered.size,
      "custom_ids in the errors": failed.size,
      seconds: took.toFixed(1),
      "lines a second": Math.round(lines / took),
      "MB of all workers, highest": Math.round(await memory),
      complaints: crew.complaints.length,
    },
  };
}

async function createBatch(batches: Batches, { lines, documents }: ChaosOptions): Promise<string> {
  const file = await batches.files.create({
    owner: "",
    filename: "chaos.jsonl",
    purpose: "batch",
    bytes: fileOf(lines, documents),
  });
  const { id } = await batches.batches.create({
    owner: "",
    inputFileId: file.id,
    endpoint: "/v1/rerank",
    completionWindow: "24h",
  });
  return id;
}

async function* fileOf(lines: number, documents: number): AsyncGenerator<Uint8Array> {
  for (let line = 0; line < lines; line++) {
    const texts = Array.from({ length: documents }, (_, document) => `document ${document} of request ${line}`);
    const body = { model: "reranker", query: `request ${line}`, documents: texts };
    yield Buffer.from(`${JSON.stringify({ custom_id: `id-${line}`, method: "POST", url: "/v1/rerank", body })}\n`);
  }
}

function problemsOf(
  lines: number,
  answered: ReadonlyMap<string, number>,
  failed: ReadonlyMap<string, number>,
): readonly string[] {
  let missing = 0;
  let twice = 0;
  for (let line = 0; line < lines; line++) {
    const times = (answered.get(`id-${line}`) ?? 0) + (failed.get(`id-${line}`) ?? 0);
    if (times === 0) missing++;
    if (times > 1) twice++;
  }
  return [
    ...(missing > 0 ? [`${missing} custom_ids are in neither file`] : []),
    ...(twice > 0 ? [`${twice} custom_ids are there more than once`] : []),
    ...(failed.size > 0 ? [`${failed.size} lines have failed`] : []),
  ];
}

const resultLine = looseObject({ custom_id: string() });

async function countIds(batches: Batches, fileId: string | undefined): Promise<ReadonlyMap<string, number>> {
  const times = new Map<string, number>();
  const file = fileId === undefined ? undefined : await batches.files.find(fileId);
  if (!file) return times;
  let rest = "";
  for await (const chunk of batches.files.content(file)) {
    const texts = (rest + Buffer.from(chunk).toString("utf8")).split("\n");
    rest = texts.pop() ?? "";
    for (const text of texts) {
      const { custom_id: id } = parse(resultLine, JSON.parse(text));
      times.set(id, (times.get(id) ?? 0) + 1);
    }
  }
  return times;
}

/** Waits for a queue that was started again and still reads what it has written. */
async function find(batches: Batches, id: string): Promise<BatchRecord> {
  for (;;)
    try {
      const batch = await batches.batches.find(id);
      if (!batch) throw new Error("the batch is gone");
      return batch;
    } catch (error) {
      if (!isDheeraError(error) || !error.retryable) throw error;
      await wait(100);
    }
}

function hasEnded(status: BatchRecord["status"]): boolean {
  return status === "completed" || status === "failed" || status === "expired" || status === "cancelled";
}

/** Looks once a second. 0 where the system does not tell. */
async function highestMemory(crew: Crew, signal: AbortSignal): Promise<number> {
  let highest = 0;
  while (!signal.aborted) {
    const each = await Promise.all(crew.pids().map(megabytesOf));
    highest = Math.max(
      highest,
      each.reduce((sum, one) => sum + one, 0),
    );
    await wait(1_000);
  }
  return highest;
}

async function megabytesOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1_000;
}

function seconds(began: number): string {
  return `${((performance.now() - began) / 1_000).toFixed(1)} s`;
}
