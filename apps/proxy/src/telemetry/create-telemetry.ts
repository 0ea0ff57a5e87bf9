import type { Environment } from "../config/read/resolve-references.ts";
import { version } from "../version.ts";
import { combine } from "./combine.ts";
import { type LogOptions, createLog } from "./logs/create-log.ts";
import { eventLog } from "./logs/event-log.ts";
import { requestLog } from "./logs/request-log.ts";
import { type Metrics, createMetrics } from "./metrics/create-metrics.ts";
import type { TakeSnapshot, Telemetry } from "./telemetry.ts";
import { type OpenTraces, openTraces } from "./traces/open-traces.ts";
import { readTraceSettings } from "./traces/read-trace-settings.ts";

export interface TelemetryOptions {
  readonly log?: LogOptions;
  /** Default true. */
  readonly metrics?: boolean;
  /** Holds the standard `OTEL_*` variables. Traces are off unless these name an exporter or an endpoint. */
  readonly environment: Environment;
  /** Switches traces on even when no variable does. Default false. */
  readonly traces?: boolean;
}

export interface ServerTelemetry extends Telemetry {
  readonly metrics?: Metrics["metrics"];
  watch(takeSnapshot: TakeSnapshot): void;
  /** Sends the remaining spans and writes the remaining lines. */
  close(): Promise<void>;
}

/** Logs, metrics and traces of one process; it outlives configurations. */
export async function createTelemetry(options: TelemetryOptions): Promise<ServerTelemetry> {
  const settings = readTraceSettings(options.environment, options.traces);
  let takeSnapshot: TakeSnapshot = () => undefined;
  let traces: OpenTraces | undefined;
  const log = await createLog(options.log, settings && (() => ({ trace_id: traces?.traceId() })));
  if (settings) traces = await openTraces(settings, log.logger);
  const metrics =
    (options.metrics ?? true)
      ? createMetrics({ takeSnapshot: () => takeSnapshot(), version, droppedLines: () => log.dropped })
      : undefined;

  const watched = combine([
    ...(traces ? [traces] : []),
    ...(metrics ? [metrics] : []),
    { ...requestLog(log, { documents: options.log?.documents }), observer: eventLog(log.logger) },
  ]);
  return {
    ...watched,
    log: log.logger,
    ...(metrics && { metrics: metrics.metrics }),
    watch(next) {
      takeSnapshot = next;
    },
    async close() {
      await watched.close?.();
      await log.close();
    },
  };
}
