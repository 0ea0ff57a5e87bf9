import { ConfigError } from "../../config/config-error.ts";
import { describeError } from "../../telemetry/logs/describe-error.ts";
import type { LogFields, Logger } from "../../telemetry/telemetry.ts";
import { clusterRateCounter } from "./cluster-rate-counter.ts";
import { type ProcessServer, startProcessServer } from "../process-server.ts";
import { type FromWorker, readToWorker } from "./worker-messages.ts";
import { workerMetrics } from "./worker-metrics.ts";

/** One of several processes that serve together: started by `startWorkers`, it does what it is told. */
let server: Promise<ProcessServer> | undefined;

process.on("message", (message) => {
  const told = readToWorker(message);
  if (told?.type === "start" && !server) {
    const part = { share: told.share, localRateCounter: clusterRateCounter, metricsPage: workerMetrics(tell) };
    server = startProcessServer({ ...told.options, log }, part);
    server.then(
      ({ port }) => tell({ type: "listening", port }),
      (error: unknown) =>
        tell({
          type: "failed",
          message: error instanceof Error ? error.message : String(error),
          ...(error instanceof ConfigError && { problems: error.problems }),
        }),
    );
  }
  if (told?.type === "reload") void server?.then((running) => running.reload());
  if (told?.type === "close") void leave();
});

// A terminal sends these to all processes of the group; the first one decides what they mean.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
// Without the first process nobody would stop this one.
process.on("disconnect", () => void leave());

async function leave(): Promise<void> {
  await server?.then((running) => running.close()).catch(() => {});
  process.exit(0);
}

function tell(message: FromWorker): void {
  if (process.connected) process.send?.(message);
}

const log: Logger = {
  debug: (message, fields) => tell({ type: "log", level: "debug", message, fields: sendable(fields) }),
  info: (message, fields) => tell({ type: "log", level: "info", message, fields: sendable(fields) }),
  warn: (message, fields) => tell({ type: "log", level: "warn", message, fields: sendable(fields) }),
  error: (message, fields) => tell({ type: "log", level: "error", message, fields: sendable(fields) }),
};

/** An error is nothing any more on the other side, so it is described on this one. */
function sendable(fields: LogFields | undefined): LogFields | undefined {
  if (fields?.["error"] === undefined) return fields;
  const { error, ...others } = fields;
  return { ...others, failure: describeError(error) };
}
