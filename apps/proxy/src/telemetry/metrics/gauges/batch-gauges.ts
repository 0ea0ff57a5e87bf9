import type { TakeSnapshot } from "../../telemetry.ts";
import type { Instruments } from "../instruments.ts";

/** Shows at the time of the scrape what is done and what is left of batches; nothing where none are kept. */
export function addBatchGauges(instruments: Instruments, takeSnapshot: TakeSnapshot): void {
  // All workers see the same queue.
  const shards = instruments.gauge("batch_shards", ["state"], { aggregator: "max", collect: show });
  const lines = instruments.counter("batch_lines", ["outcome"]);
  const uploaded = instruments.counter("batch_uploaded_bytes", []);
  const downloaded = instruments.counter("batch_downloaded_bytes", []);

  async function show(): Promise<void> {
    shards.reset();
    const batches = takeSnapshot()?.batches;
    if (!batches) return;
    for (const outcome of ["completed", "failed"] as const) lines.tally({ outcome }).value = batches.lines[outcome];
    uploaded.tally({}).value = batches.uploadedBytes;
    downloaded.tally({}).value = batches.downloadedBytes;
    // A queue that is away must not keep the other metrics from being read.
    const depth = await batches.depth().catch(() => undefined);
    if (!depth) return;
    shards.set({ state: "waiting" }, depth.waiting);
    shards.set({ state: "running" }, depth.running);
  }
}
