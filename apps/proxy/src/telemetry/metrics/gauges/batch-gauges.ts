import type { BatchStats, TakeSnapshot } from "../../telemetry.ts";
import type { Instruments } from "../instruments.ts";
import type { MetricName } from "../metric-names.ts";

type Totals = Awaited<ReturnType<BatchStats["totals"]>>;

/** Shows at the time of the scrape what is done, kept and left of batches; nothing where none are kept. */
export function addBatchGauges(instruments: Instruments, takeSnapshot: TakeSnapshot): void {
  // The registry collects metrics in order: one look at the first serves the counters.
  const shards = instruments.gauge("batch_shards", ["state"], {
    // All workers see the same queue.
    aggregator: "max",
    async collect() {
      shards.reset();
      count();
      const now = await totals();
      for (const state of ["waiting", "running"] as const) if (now) shards.set({ state }, now.shards[state]);
    },
  });
  const lines = instruments.counter("batch_lines", ["outcome"]);
  const uploaded = instruments.counter("batch_uploaded_bytes", []);
  const downloaded = instruments.counter("batch_downloaded_bytes", []);
  const up = instruments.gauge("batch_queue_up", [], {
    aggregator: "min",
    async collect() {
      up.remove({});
      if (takeSnapshot()?.batches) up.set((await totals()) === undefined ? 0 : 1);
    },
  });
  const add = (name: MetricName, of: (now: Totals) => number): void => {
    const gauge = instruments.gauge(name, [], {
      aggregator: "max",
      async collect() {
        // A gauge without labels shows 0 after a reset; this removes it.
        gauge.remove({});
        const now = await totals();
        if (now) gauge.set(of(now));
      },
    });
  };
  add("batch_lines_left", ({ linesLeft }) => linesLeft);
  add("batch_files", ({ files }) => files);
  add("batch_file_bytes", ({ bytes }) => bytes);
  add("batch_open_uploads", ({ uploads }) => uploads);

  function count(): void {
    const batches = takeSnapshot()?.batches;
    if (!batches) return;
    for (const outcome of ["completed", "failed"] as const) lines.tally({ outcome }).value = batches.lines[outcome];
    uploaded.tally({}).value = batches.uploadedBytes;
    downloaded.tally({}).value = batches.downloadedBytes;
  }

  let asking: Promise<Totals | undefined> | undefined;
  /** Asked once for all of a scrape. A queue that is away must not keep the other metrics from being read. */
  function totals(): Promise<Totals | undefined> {
    return (asking ??= (takeSnapshot()?.batches?.totals() ?? Promise.resolve(undefined))
      .catch(() => undefined)
      .finally(() => (asking = undefined)));
  }
}
