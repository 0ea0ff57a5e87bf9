import type { Worker } from "node:cluster";

import { type MetricsData, mergeMetrics } from "../../telemetry/metrics/merge-metrics.ts";
import { PendingReplies } from "./pending-replies.ts";
import { type ToWorker, readFromWorker } from "./worker-messages.ts";

/** Milliseconds after which a worker that does not answer is left out. */
const patience = 2_000;

/** The text format of Prometheus. */
const contentType = "text/plain; version=0.0.4; charset=utf-8";

/** In the first process: one page of the metrics of all workers, for itself and for whichever worker is asked for it. */
export interface MetricsCollector {
  /** To be called for each worker when it starts. */
  listen(worker: Worker): void;
  readonly contentType: string;
  text(): Promise<string>;
}

export function createMetricsCollector(workers: () => readonly Worker[]): MetricsCollector {
  const pending = new PendingReplies<MetricsData>();
  const ask = (worker: Worker): Promise<MetricsData | undefined> =>
    pending.ask((id) => worker.send({ type: "metrics?", id } satisfies ToWorker), patience);
  const text = async (): Promise<string> => {
    const answers = await Promise.all(
      workers()
        .filter((worker) => worker.isConnected())
        .map(ask),
    );
    return mergeMetrics(answers.filter((data) => data !== undefined));
  };
  return {
    contentType,
    text,
    listen(worker) {
      worker.on("message", (message: unknown) => {
        const told = readFromWorker(message);
        if (told?.type === "metrics") pending.answer(told.id, told.data);
        if (told?.type !== "page?") return;
        void text().then((page) => {
          if (worker.isConnected()) worker.send({ type: "page", id: told.id, text: page } satisfies ToWorker);
        });
      });
    },
  };
}
