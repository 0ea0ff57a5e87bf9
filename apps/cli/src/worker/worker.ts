import { once } from "node:events";

import * as v from "valibot";

import { flag, port, text } from "../command-line/values.ts";
import { defineCommand } from "../command-line/define-command.ts";
import { readConfiguration, withProxy } from "../configuration.ts";
import { UsageError } from "../errors.ts";
import { operatorLog } from "./operator-log.ts";

interface WorkerOptions {
  readonly config: string;
  readonly host: string;
  readonly prometheus_metrics_port?: number;
  readonly reload: boolean;
  readonly strict: boolean;
  readonly debug: boolean;
}

export const worker = defineCommand<WorkerOptions>({
  name: "worker",
  summary: "Run batches of a proxy beside it, on this machine or another",
  usage: ["--config FILE [--prometheus_metrics_port PORT]"],
  options: {
    config: { short: "c", value: "FILE", help: "the proxy's configuration, with batch_settings.storage" },
    host: { value: "ADDRESS", help: "with --prometheus_metrics_port: listen on this address (0.0.0.0)" },
    prometheus_metrics_port: { value: "PORT", help: "serve /metrics, /health/liveness and /health/readiness there" },
    reload: { help: "apply changes of the configuration file while running (--no-reload: do not)" },
    strict: { help: "refuse a configuration with keys that are not known, also under LiteLLM's names" },
    debug: { help: "log everything, as LOG_LEVEL=debug does" },
  },
  schema: v.object({
    config: text,
    host: v.optional(text, "0.0.0.0"),
    prometheus_metrics_port: v.optional(port),
    reload: v.optional(flag, true),
    strict: v.optional(flag, false),
    debug: v.optional(flag, false),
  }),
  examples: [
    "dheera_ai worker --config config.yaml",
    "dheera_ai worker --config config.yaml --prometheus_metrics_port 9090",
  ],
  async run({ options }, terminal) {
    const { config: configPath, host, prometheus_metrics_port: metricsPort, reload, strict, debug } = options;
    const environment = { ...terminal.environment, ...(debug && { LOG_LEVEL: "debug" }) };
    const { config } = await readConfiguration(configPath, environment, { strict });
    if (config.batch_settings.storage === undefined)
      throw new UsageError(`${configPath} names no batch_settings.storage, where the batches of a worker are kept`);
    const running = await withProxy(({ startBatchWorker }) =>
      startBatchWorker({
        configPath,
        environment,
        host,
        reload,
        strict,
        log: operatorLog(terminal),
        ...(metricsPort !== undefined && { prometheusMetricsPort: metricsPort }),
      }),
    );
    const { storage, concurrency, models, metricsPort: listening } = running;
    const beside = listening === undefined ? "" : `, metrics on port ${listening}`;
    terminal.output.print(
      `RUNNING batches of ${storage}, ${concurrency} lines at one time, for ${models.join(", ") || "no model"}${beside}`,
    );
    if (!terminal.stop.aborted) await once(terminal.stop, "abort");
    await running.close();
    return 0;
  },
});
