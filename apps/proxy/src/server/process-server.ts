import { readFile } from "node:fs/promises";

import { createApp } from "../app.ts";
import { type BatchRunner, runBatches } from "../batches/run-batches.ts";
import { snapshotOf } from "../gateway/gateway-snapshot.ts";
import { noTelemetry, silentLog } from "../telemetry/telemetry.ts";
import { type ProcessPart, createGatewayFactory } from "./gateway-factory.ts";
import { guardProcess } from "./guard-process.ts";
import { type LateStart, loadLate, startLate } from "./late-start.ts";
import { limitConcurrency } from "./limit-concurrency.ts";
import { type MetricsServer, startMetricsServer } from "./metrics-server.ts";
import { CurrentGateway } from "./reload/current-gateway.ts";
import type { Reloadable } from "./reload/reload-on-change.ts";
import { takeUpChanges } from "./reload/take-up-changes.ts";
import { whyNothingOpens } from "./runtime/file-descriptors.ts";
import { findRuntime } from "./runtime/find-runtime.ts";
import type { ServerTls } from "./runtime/runtime.ts";
import { serverUrl } from "./server-address.ts";
import type { RunningServer, ServerOptions } from "./server-options.ts";

/** The server of one process. */
export type ProcessServer = RunningServer & Reloadable;

/**
 * Starts the server of this process.
 * @param part what differs when several processes serve together
 * @throws ConfigError for a configuration that cannot be used
 */
export async function startProcessServer(options: ServerOptions, part: ProcessPart = {}): Promise<ProcessServer> {
  const {
    host = "0.0.0.0",
    port: wanted = 4000,
    log = silentLog,
    shutdownTimeout = 30,
    prometheusMetricsPort: metricsPort,
  } = options;
  let takeUpAdded: (() => Promise<void>) | undefined;
  const factory = await createGatewayFactory(options, part, async () => takeUpAdded?.());
  let current: CurrentGateway | undefined;
  let metricsServer: MetricsServer | undefined;
  const unguard = guardProcess(log);
  let runner: BatchRunner | undefined;
  let late: LateStart | undefined;
  const release = async (): Promise<void> => {
    late?.cancel();
    await metricsServer?.close();
    await runner?.close();
    await current?.close();
    await factory.close();
    unguard();
  };

  try {
    let built = await factory.build();
    const gatewayRef = (current = new CurrentGateway(built.gateway));
    const { telemetry = noTelemetry } = factory;
    telemetry.watch?.(() => snapshotOf(gatewayRef.gateway));
    const page = part.metricsPage ? part.metricsPage(telemetry) : telemetry.metrics;
    const hasOwnPort = metricsPort !== undefined;
    if (hasOwnPort && page && !part.share) metricsServer = await startMetricsServer(page, host, metricsPort);
    const { listen, peerAddress } = await findRuntime();
    const unlimited = createApp(gatewayRef, {
      peerAddress,
      async whyUnable() {
        await late?.finish();
        return whyNothingOpens();
      },
      ...(page && { figures: page }),
      ...(page && !hasOwnPort && { metrics: page }),
    });
    const { limitConcurrency: most, keepAliveTimeout } = options;
    const app = most === undefined ? unlimited : limitConcurrency(unlimited, most);
    const isDraining = (): boolean => gatewayRef.state === "draining";
    const tls = await readServerTls(options.tls);
    const isShared = part.share !== undefined;
    const listener = await listen(app, { host, port: wanted, isShared, isDraining, log, tls, keepAliveTimeout });
    const { port } = listener;
    late = startLate(gatewayRef.gateway, log);
    runner = runBatches(gatewayRef, { log });

    const takeUp = takeUpChanges(gatewayRef, log, {
      async all(previous) {
        built = await factory.build(previous);
        void loadLate(built.gateway, log);
        return built.gateway;
      },
      added: (previous) => factory.refresh(previous),
      followed: () => runner?.follow(),
    });
    takeUpAdded = takeUp.added;
    const close = async (): Promise<void> => {
      gatewayRef.drain();
      await Promise.all([runner?.close(), listener.stop(factory.inFlight, shutdownTimeout * 1_000)]);
      await factory.inFlight.ended();
      await release();
    };
    let closing: Promise<void> | undefined;
    return {
      url: serverUrl(host, port, tls ? "https" : "http"),
      port,
      files: () => built.files,
      reload: takeUp.all,
      close: () => (closing ??= close()),
    };
  } catch (error) {
    await release();
    throw error;
  }
}

/** @throws Error naming the file that cannot be read */
async function readServerTls(files: ServerOptions["tls"]): Promise<ServerTls | undefined> {
  if (files === undefined) return undefined;
  const [cert, key] = await Promise.all([readFile(files.certificate, "utf8"), readFile(files.key, "utf8")]);
  return { cert, key };
}
