import type { Environment } from "../config/resolve-references.ts";
import { combine } from "./combine.ts";
import { type LogOptions, createLog } from "./logs/create-log.ts";
import { eventLog } from "./logs/event-log.ts";
import { requestLog } from "./logs/request-log.ts";
import { type Metrics, createMetrics } from "./metrics/create-metrics.ts";
import type { Look } from "./subject.ts";
import { onceAMinute } from "./once-a-minute.ts";
import type { Logger, Telemetry } from "./telemetry.ts";
import type { Traces } from "./traces/create-traces.ts";
import { type TraceSettings, readTraceSettings } from "./traces/read-trace-settings.ts";

export interface TelemetryOptions {
  /** Version of the proxy, for metrics and traces. */
  readonly version: string;
  readonly log?: LogOptions;
  /** Default true. */
  readonly metrics?: boolean;
  /** Where the standard `OTEL_*` variables are looked up. Traces are off unless they name an exporter or an endpoint. */
  readonly environment: Environment;
  /** Traces even when no variable asks for them. Default false. */
  readonly traces?: boolean;
}

export interface ServerTelemetry extends Telemetry {
  readonly metrics?: Metrics["metrics"];
  watch(look: Look): void;
  /** Sends and writes what is left. */
  close(): Promise<void>;
}

/** Logs, metrics and traces of one process; it outlives configurations. */
export async function createTelemetry(options: TelemetryOptions): Promise<ServerTelemetry> {
  const { version } = options;
  const settings = readTraceSettings(options.environment, options.traces);
  let look: Look = () => undefined;
  let traces: OpenTraces | undefined;
  const log = await createLog(options.log, settings && (() => ({ trace_id: traces?.traceId() })));
  if (settings) traces = await openTraces(settings, version, log.logger);
  const metrics = (options.metrics ?? true) ? createMetrics({ look: () => look(), version, droppedLines: () => log.dropped }) : undefined;

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
      look = next;
    },
    async close() {
      await watched.close?.();
      await log.close();
    },
  };
}

type OpenTraces = Traces & { close(): Promise<void> };

/** Loads what traces need. */
async function openTraces(settings: TraceSettings, version: string, log: Logger): Promise<OpenTraces> {
  for (const problem of settings.problems) log.warn(problem);
  const [{ openTracer }, { createTraces }] = await Promise.all([import("./traces/open-tracer.ts"), import("./traces/create-traces.ts")]);
  const tell = onceAMinute((error) => log.warn("spans could not be sent; check the OTEL_* variables and the collector", { error }));
  const { tracer, close } = await openTracer(settings, version, tell);
  return { ...createTraces(tracer), close };
}
