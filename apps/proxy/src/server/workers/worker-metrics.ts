import type { MetricsPage, Telemetry } from "../../telemetry/telemetry.ts";
import { PendingReplies } from "./pending-replies.ts";
import { type FromWorker, readToWorker } from "./worker-messages.ts";

/** A worker waits this long for the page with the metrics of all workers, and then shows its own. */
const pageTimeoutMs = 5_000;

/** In a worker: sends its own metrics to the first process on request, and requests the page of all workers from it. */
export function workerMetrics(send: (message: FromWorker) => void): (telemetry: Telemetry) => MetricsPage | undefined {
  const pending = new PendingReplies<string>();
  return ({ metrics }) => {
    if (!metrics) return undefined;
    process.on("message", (message) => {
      const received = readToWorker(message);
      if (received?.type === "page") pending.settle(received.id, received.text);
      if (received?.type === "metrics?")
        void metrics.data().then((data) => send({ type: "metrics", id: received.id, data }));
    });
    return {
      ...metrics,
      text: async () => (await pending.request((id) => send({ type: "page?", id }), pageTimeoutMs)) ?? metrics.text(),
    };
  };
}
