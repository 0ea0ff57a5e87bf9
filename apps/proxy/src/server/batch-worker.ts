import { type BatchRunner, runBatches } from "../batches/run-batches.ts";
import { snapshotOf } from "../gateway/gateway-snapshot.ts";
import { noTelemetry, silentLog } from "../telemetry/telemetry.ts";
import { createGatewayFactory } from "./gateway-factory.ts";
import { guardProcess } from "./guard-process.ts";
import { type MetricsServer, startMetricsServer } from "./metrics-server.ts";
import { CurrentGateway } from "./reload/current-gateway.ts";
import { reloadOnChange } from "./reload/reload-on-change.ts";
import { takeUpChanges } from "./reload/take-up-changes.ts";
import type { ServerOptions } from "./server-options.ts";

/** What of a server's options a process has that serves nobody. */
export type BatchWorkerOptions = Pick<
  ServerOptions,
  "configPath" | "config" | "environment" | "strict" | "reload" | "host" | "prometheusMetricsPort" | "log"
>;

/** A process that runs batches and serves nobody. */
export interface RunningBatchWorker {
  /** Where the files are: a folder, or `s3://bucket/prefix`. */
  readonly storage: string;
  /** Lines at one time. */
  readonly concurrency: number;
  readonly models: readonly string[];
  /** Of `/metrics` and the probes; undefined where none was asked for. */
  readonly metricsPort: number | undefined;
  /** Keeps what has ended and gives the rest back to other workers, within some seconds. */
  close(): Promise<void>;
}

/**
 * Runs batches in this process until it is closed.
 * @throws ConfigError for a configuration that cannot be used, Error where it names no `batch_settings.storage`
 */
export async function startBatchWorker(options: BatchWorkerOptions): Promise<RunningBatchWorker> {
  const { log = silentLog, host = "0.0.0.0", prometheusMetricsPort: metricsPort, reload = true } = options;
  let takeUpAdded: (() => Promise<void>) | undefined;
  const factory = await createGatewayFactory(options, {}, async () => takeUpAdded?.());
  const unguard = guardProcess(log);
  let current: CurrentGateway | undefined;
  let runner: BatchRunner | undefined;
  let metrics: MetricsServer | undefined;
  let unfollow: (() => void) | undefined;
  const close = async (): Promise<void> => {
    unfollow?.();
    await runner?.close();
    await metrics?.close();
    await factory.inFlight.ended();
    await current?.close();
    await factory.close();
    unguard();
  };
  try {
    let built = await factory.build();
    const gatewayRef = (current = new CurrentGateway(built.gateway));
    const { storage, concurrency } = built.gateway.config.batch_settings;
    if (storage === undefined)
      throw new Error("batch_settings.storage is not set: a worker runs the batches that are kept there");
    const { telemetry = noTelemetry } = factory;
    telemetry.watch?.(() => snapshotOf(gatewayRef.gateway));
    const page = telemetry.metrics;
    if (metricsPort !== undefined && page)
      metrics = await startMetricsServer(page, host, metricsPort, () => gatewayRef.gateway.batches?.value.state());
    const running = (runner = runBatches(gatewayRef, { log, always: true }));
    const takeUp = takeUpChanges(gatewayRef, log, {
      async all(previous) {
        built = await factory.build(previous);
        return built.gateway;
      },
      added: (previous) => factory.refresh(previous),
      followed: () => running.follow(),
    });
    takeUpAdded = takeUp.added;
    if (reload) unfollow = reloadOnChange({ files: () => built.files, reload: takeUp.all });
    let closing: Promise<void> | undefined;
    return {
      storage,
      concurrency,
      models: built.gateway.dheera.models(),
      metricsPort: metrics?.port,
      close: () => (closing ??= close()),
    };
  } catch (error) {
    await close();
    throw error;
  }
}
