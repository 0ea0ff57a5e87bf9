import type { Worker } from "node:cluster";

import { type MetricsData, mergeMetrics } from "../../telemetry/metrics/merge-metrics.ts";
import { PendingReplies } from "./pending-replies.ts";
import { type ToWorker, readFromWorker } from "./worker-messages.ts";

/** A worker that does not answer within this time is left out of the page. */
const workerTimeoutMs = 2_000;

/** The text format of Prometheus. */
const contentType = "text/plain; version=0.0.4; charset=utf-8";

/** In the first process: makes one page of the metrics of all workers, for itself and for a worker that requests it. */
export interface MetricsCollector {
  /** To be called for each worker when it starts. */
  listen(worker: Worker): void;
  readonly contentType: string;
  text(): Promise<string>;
}

export function createMetricsCollector(workers: () => readonly Worker[]): MetricsCollector {
  const pending = new PendingReplies<MetricsData>();
  const metricsOf = (worker: Worker): Promise<MetricsData | undefined> =>
    pending.request((id) => worker.send({ type: "metrics?", id } satisfies ToWorker), workerTimeoutMs);
  const text = async (): Promise<string> => {
    const answers = await Promise.all(
      workers()
        .filter((worker) => worker.isConnected())
        .map(metricsOf),
    );
    return mergeMetrics(answers.filter((data) => data !== undefined));
  };
  return {
    contentType,
    text,
    listen(worker) {
      worker.on("message", (message: unknown) => {
        const received = readFromWorker(message);
        if (received?.type === "metrics") pending.settle(received.id, received.data);
        if (received?.type !== "page?") return;
        void text().then((page) => {
          if (worker.isConnected()) worker.send({ type: "page", id: received.id, text: page } satisfies ToWorker);
        });
      });
    },
  };
}
