import type { Worker } from "node:cluster";

import { MemoryRateCounter } from "../../access/limits/memory-rate-counter.ts";
import type { RateCounter, Taken } from "../../access/limits/rate-counter.ts";
import { PendingReplies } from "./pending-replies.ts";
import { type FromWorker, type ToWorker, readFromWorker, readToWorker } from "./worker-messages.ts";

/** A worker waits this long for the first process, which may be busy. */
const countTimeoutMs = 5_000;

/**
 * In the first process: counts for all workers, so that they share limits.
 * @returns to be called for each worker when it starts
 */
export function countForWorkers(): (worker: Worker) => void {
  const counter = new MemoryRateCounter();
  return (worker) =>
    worker.on("message", (message: unknown) => {
      const received = readFromWorker(message);
      if (received?.type !== "take?" || !worker.isConnected()) return;
      worker.send({ type: "taken", id: received.id, taken: counter.take(received.charges) } satisfies ToWorker);
    });
}

/** In a worker: counts in the first process. */
export function workerRateCounter(send: (message: FromWorker) => void): () => RateCounter {
  const pending = new PendingReplies<Taken>();
  process.on("message", (message) => {
    const received = readToWorker(message);
    if (received?.type === "taken") pending.settle(received.id, received.taken);
  });
  return () => ({
    type: "local",
    async take(charges) {
      const taken = await pending.request((id) => send({ type: "take?", id, charges }), countTimeoutMs);
      if (!taken) throw new Error("the first process did not answer in time");
      return taken;
    },
  });
}
