import { ConfigError } from "../../config/config-error.ts";
import { describeError } from "../../telemetry/logs/describe-error.ts";
import type { LogFields, Logger } from "../../telemetry/telemetry.ts";
import { type ProcessServer, startProcessServer } from "../process-server.ts";
import { workerRateCounter } from "./count-for-workers.ts";
import { type FromWorker, readToWorker } from "./worker-messages.ts";
import { workerMetrics } from "./worker-metrics.ts";

/** One of several processes that serve together. `startWorkers` starts it and controls it by messages. */
let server: Promise<ProcessServer> | undefined;

process.on("message", (message) => {
  const received = readToWorker(message);
  if (received?.type === "start" && !server) {
    const part = {
      share: received.share,
      localRateCounter: workerRateCounter(send),
      metricsPage: workerMetrics(send),
    };
    server = startProcessServer({ ...received.options, log }, part);
    server.then(
      ({ port }) => send({ type: "listening", port }),
      (error: unknown) =>
        send({
          type: "failed",
          message: error instanceof Error ? error.message : String(error),
          ...(error instanceof ConfigError && { problems: error.problems }),
        }),
    );
  }
  if (received?.type === "reload") void server?.then((running) => running.reload());
  if (received?.type === "close") void leave();
});

// A terminal sends these signals to all processes of the group; only the first process acts on them.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
// Without the first process nothing would stop this one.
process.on("disconnect", () => void leave());

async function leave(): Promise<void> {
  await server?.then((running) => running.close()).catch(() => {});
  process.exit(0);
}

function send(message: FromWorker): void {
  if (process.connected) process.send?.(message);
}

const log: Logger = {
  debug: (message, fields) => send({ type: "log", level: "debug", message, fields: sendable(fields) }),
  info: (message, fields) => send({ type: "log", level: "info", message, fields: sendable(fields) }),
  warn: (message, fields) => send({ type: "log", level: "warn", message, fields: sendable(fields) }),
  error: (message, fields) => send({ type: "log", level: "error", message, fields: sendable(fields) }),
};

/** An error does not survive the way to the first process, so it is described before it is sent. */
function sendable(fields: LogFields | undefined): LogFields | undefined {
  if (fields?.["error"] === undefined) return fields;
  const { error, ...others } = fields;
  return { ...others, failure: describeError(error) };
}
