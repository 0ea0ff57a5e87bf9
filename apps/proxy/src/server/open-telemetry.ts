import type { Config } from "../config/config.ts";
import type { Environment } from "../config/read/resolve-references.ts";
import { createTelemetry } from "../telemetry/create-telemetry.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";

/** Logs, metrics and traces as the configuration and the environment want them: `LOG_LEVEL`, `OTEL_*`. It outlives the configuration. */
export function openTelemetry(config: Config, environment: Environment): Promise<Telemetry> {
  const { json_logs, log_documents, callbacks = [] } = config.dheera_ai_settings;
  const variables = { ...environment, ...config.environment_variables };
  return createTelemetry({
    log: { level: variables["LOG_LEVEL"], pretty: process.stdout.isTTY && !json_logs, documents: log_documents },
    environment: variables,
    traces: callbacks.includes("otel"),
  });
}
