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
  /** Read the configuration again when its file changes and on SIGHUP; default true. */
  readonly reload?: boolean;
  /** Every key of the file that is not known is a mistake, also under the names of LiteLLM; default false. */
  readonly strict?: boolean;
  /** Seconds for a request that names no timeout; wins over the configuration. */
  readonly requestTimeout?: number;
  /** Files of a certificate and its private key, as PEM: the proxy then answers to HTTPS, and to HTTP no more. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** Seconds that a connection without a request stays open; default 75. On Bun at most 255. */
  readonly keepAliveTimeout?: number;
  /** Requests at one time in each process; others are refused with 503. No limit when absent. */
  readonly limitConcurrency?: number;
  /** Processes that share the port; default 1. */
  readonly numWorkers?: number;
  /** Serves `/metrics` on a port of its own, without a key; on the main port, for callers with a key, when absent. */
  readonly prometheusMetricsPort?: number;
  /**
   * Receives what an operator must know: warnings of the configuration, reloads, failures of processes. Silent when
   * absent.
   */
  readonly log?: Logger;
  /** Replaces the server's own telemetry; ignored with `numWorkers`, because each process makes its own. */
  readonly telemetry?: Telemetry;
}

export interface RunningServer {
  /** `http://0.0.0.0:4000` */
  readonly url: string;
  readonly port: number;
  /** Stops gracefully: readiness says no, requests in flight finish, connections close. */
  close(): Promise<void>;
}
