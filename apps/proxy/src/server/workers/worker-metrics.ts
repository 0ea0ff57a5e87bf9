import type { MetricsPage, Telemetry } from "../../telemetry/telemetry.ts";
import { PendingReplies } from "./pending-replies.ts";
import { type FromWorker, readToWorker } from "./worker-messages.ts";

/** Milliseconds that a worker waits for the page of all. */
const patience = 5_000;

/** In a worker: answers the first process's questions about its own metrics, and asks it for the page of all. */
export function workerMetrics(tell: (message: FromWorker) => void): (telemetry: Telemetry) => MetricsPage | undefined {
  const pending = new PendingReplies<string>();
  return ({ metrics }) => {
    if (!metrics) return undefined;
    process.on("message", (message) => {
      const told = readToWorker(message);
      if (told?.type === "page") pending.answer(told.id, told.text);
      if (told?.type === "metrics?") void metrics.data().then((data) => tell({ type: "metrics", id: told.id, data }));
    });
    return {
      ...metrics,
      text: async () => (await pending.ask((id) => tell({ type: "page?", id }), patience)) ?? metrics.text(),
    };
  };
}
