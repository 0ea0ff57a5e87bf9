import type { Config } from "../config/config.ts";
import type { Environment } from "../config/read/resolve-references.ts";
import type { Logger, Telemetry } from "../telemetry/telemetry.ts";

export interface ServerOptions {
  /** File to read the configuration from; or give `config`. */
  readonly configPath?: string;
  readonly config?: Config;
  /** Default 0.0.0.0. */
  readonly host?: string;
  /** Default 4000; 0 takes a free one. */
  readonly port?: number;
  /** Where `os.environ/NAME`, providers and keys are looked up. */
  readonly environment: Environment;
  /** Seconds that requests in flight may take when stopping; default 30. */
  readonly shutdownTimeout?: number;
  /** Take up changes of the configuration file, and SIGHUP; default true. */
  readonly reload?: boolean;
  /** Processes that share the port; default 1. */
  readonly numWorkers?: number;
  /** Serves `/metrics` on a port of its own, without a key; on the main port, for callers with a key, when absent. */
  readonly prometheusMetricsPort?: number;
  /** Told what an operator must know: warnings of the configuration, reloads, failures of processes. Nobody is told when absent. */
  readonly log?: Logger;
  /** In place of the server's own; not with `numWorkers`, whose processes make theirs. */
  readonly telemetry?: Telemetry;
}

export interface RunningServer {
  /** `http://0.0.0.0:4000` */
  readonly url: string;
  readonly port: number;
  /** Stops gracefully: readiness says no, requests in flight finish, connections close. */
  close(): Promise<void>;
}
