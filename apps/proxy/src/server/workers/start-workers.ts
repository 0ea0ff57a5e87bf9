import cluster, { type Worker } from "node:cluster";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { ConfigError } from "../../config/config-error.ts";
import { loadConfig } from "../../config/load-config.ts";
import { type Logger, silentLog } from "../../telemetry/telemetry.ts";
import { type MetricsServer, startMetricsServer } from "../metrics-server.ts";
import type { Reloadable } from "../reload/reload-on-change.ts";
import { findRuntime } from "../runtime/find-runtime.ts";
import { serverUrl } from "../server-address.ts";
import type { RunningServer, ServerOptions } from "../server-options.ts";
import { createMetricsCollector } from "./collect-metrics.ts";
import { countForWorkers } from "./count-for-workers.ts";
import { type ToWorker, readFromWorker } from "./worker-messages.ts";

/**
 * A process that died is replaced after this time, so that a process that always dies at once does not occupy the
 * machine.
 */
const replaceDelayMs = 1_000;

/**
 * Starts the proxy in several processes that share a port. Limits are divided among them, or counted together where
 * that is possible.
 * @throws ConfigError for a configuration that cannot be used, Error when a process cannot start
 */
export async function startWorkers(options: ServerOptions, count: number): Promise<RunningServer & Reloadable> {
  const { log = silentLog, telemetry: _, ...others } = options;
  const { host = "0.0.0.0", port: wanted = 4000, configPath, environment, prometheusMetricsPort, strict } = options;
  let files = configPath === undefined ? [] : (await loadConfig(configPath, environment, { strict })).files;
  const { sharedPort } = await findRuntime();
  const workerOptions = { ...others, port: await sharedPort(host, wanted) };
  cluster.setupPrimary({ exec: workerFile(), args: [], execArgv: workerArguments() });

  const closing = new AbortController();
  let metricsServer: MetricsServer | undefined;
  const workers: Worker[] = [];
  const metrics = createMetricsCollector(() => workers);
  const countFor = countForWorkers();
  const keepAlive = async (index: number): Promise<number> => {
    const worker = cluster.fork();
    workers[index] = worker;
    relayLog(worker, index, log);
    metrics.listen(worker);
    countFor(worker);
    worker.send({ type: "start", options: workerOptions, share: { index, count } } satisfies ToWorker);
    const port = await listening(worker);
    void replaceWhenDead(index, worker);
    return port;
  };
  const replaceWhenDead = async (index: number, worker: Worker): Promise<void> => {
    const [code] = await once(worker, "exit");
    while (!closing.signal.aborted) {
      log.error(`worker ${index} ended (${String(code)}); another takes its place`);
      await sleep(replaceDelayMs, undefined, { signal: closing.signal }).catch(() => {});
      if (closing.signal.aborted) return;
      const started = await keepAlive(index).catch((error: unknown) => log.error(String(error)));
      if (started !== undefined) return;
    }
  };
  const close = async (): Promise<void> => {
    closing.abort();
    await Promise.all(workers.map(endWorker));
    await metricsServer?.close();
  };

  try {
    const [port = 0] = await Promise.all(Array.from({ length: count }, (_worker, index) => keepAlive(index)));
    if (prometheusMetricsPort !== undefined)
      metricsServer = await startMetricsServer(metrics, host, prometheusMetricsPort);
    let closed: Promise<void> | undefined;
    return {
      url: serverUrl(host, port, options.tls ? "https" : "http"),
      port,
      close: () => (closed ??= close()),
      files: () => files,
      async reload() {
        try {
          if (configPath !== undefined) files = (await loadConfig(configPath, environment, { strict })).files;
          for (const worker of workers) if (worker.isConnected()) worker.send({ type: "reload" } satisfies ToWorker);
        } catch (error) {
          log.error(
            `the configuration was not taken up, the old one stays: ${error instanceof Error ? error.message : String(error)}`,
          );
        }
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The port, once the worker accepts requests. */
async function listening(worker: Worker): Promise<number> {
  return new Promise((resolve, reject) => {
    worker.on("message", (message: unknown) => {
      const received = readFromWorker(message);
      if (received?.type === "listening") resolve(received.port);
      if (received?.type === "failed")
        reject(received.problems ? new ConfigError(received.problems) : new Error(received.message));
    });
    worker.on("exit", (code) => reject(new Error(`a worker ended with code ${code} before it could serve`)));
  });
}

async function endWorker(worker: Worker): Promise<void> {
  if (worker.isDead()) return;
  const exited = once(worker, "exit");
  if (worker.isConnected()) worker.send({ type: "close" } satisfies ToWorker);
  else worker.kill("SIGKILL");
  await exited;
}

function relayLog(worker: Worker, index: number, log: Logger): void {
  worker.on("message", (message: unknown) => {
    const received = readFromWorker(message);
    if (received?.type === "log") log[received.level](received.message, { worker: index, ...received.fields });
  });
}

/** The worker's program lies beside this file, in the sources as well as in the build. */
function workerFile(): string {
  return fileURLToPath(new URL(isSource ? "./worker.ts" : "./worker.js", import.meta.url));
}

/** A worker that runs from the sources must find the workspace packages as sources too. */
function workerArguments(): string[] {
  return isSource ? ["--conditions=source", "--disable-warning=ExperimentalWarning"] : [];
}

const isSource = import.meta.url.endsWith(".ts");
