import type { Worker } from "node:cluster";

import { MemoryRateCounter } from "../../access/limits/memory-rate-counter.ts";
import type { Charge, RateCounter, Taken } from "../../access/limits/rate-counter.ts";
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
      const answers = received.asked.map(({ id, charges }) => ({ id, taken: counter.take(charges) }));
      worker.send({ type: "taken", answers } satisfies ToWorker);
    });
}

/**
 * In a worker: counts in the first process. What is to be counted in one turn of the event loop goes there in one message: the
 * more there is to do, the less each count costs the one process that all workers ask.
 */
export function workerRateCounter(send: (message: FromWorker) => void): () => RateCounter {
  const pending = new PendingReplies<Taken>();
  process.on("message", (message) => {
    const received = readToWorker(message);
    if (received?.type === "taken") for (const { id, taken } of received.answers) pending.settle(id, taken);
  });
  let asked: Asked[] = [];
  const ask = (one: Asked): void => {
    if (asked.push(one) > 1) return;
    setImmediate(() => {
      send({ type: "take?", asked });
      asked = [];
    });
  };
  return () => ({
    type: "local",
    async take(charges) {
      const taken = await pending.request((id) => ask({ id, charges }), countTimeoutMs);
      if (!taken) throw new Error("the first process did not answer in time");
      return taken;
    },
  });
}

interface Asked {
  readonly id: number;
  readonly charges: readonly Charge[];
}
