import type { Dheera, DheeraError, ErrorCode, Observer, RequestReport, RerankRequest } from "@dheera-ai/core";

import type { MetricsData } from "./metrics/merge-metrics.ts";

/** Facts beside a message; never a key, a query or a document. Of an `error` only what cannot quote one is logged. */
export type LogFields = Readonly<Record<string, unknown>>;

export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** What is known of a request when it arrives. */
export interface RequestStart {
  readonly callId: string;
  readonly method: string;
  /** The route's pattern, not the path: `/v1/rerank`. */
  readonly route: string;
  /** Read for `traceparent` and similar headers. */
  readonly headers: Pick<Headers, "get">;
}

/** What is known of a request when it has been answered. */
export interface RequestFacts {
  readonly callId: string;
  readonly method: string;
  readonly route: string;
  readonly status: number;
  /** Absent when it succeeded. */
  readonly code?: ErrorCode;
  /** What was answered; its message and where it came from are logged. */
  readonly error?: DheeraError;
  /** The deployment's provider, where an upstream failed. */
  readonly provider?: string;
  /** Name of the caller's key. */
  readonly caller?: string;
  /** The model name that was asked for; absent when the request did not get as far as naming a configured one. */
  readonly modelName?: string;
  readonly durationMilliseconds: number;
  /** A page repeats this request by itself, every few seconds. */
  readonly isBackground?: boolean;
  /** Of a rerank request. */
  readonly report?: RequestReport;
  /** Of a rerank request. Read only where the operator has switched documents on in the log. */
  readonly request?: Pick<RerankRequest, "query" | "documents">;
}

/** The metrics of this process in the text format of Prometheus. */
export interface MetricsPage {
  readonly contentType: string;
  text(): Promise<string>;
  /** The same as plain data, for a process that shows the metrics of several processes: see `mergeMetrics`. */
  data(): Promise<MetricsData>;
}

/** Observes requests and their calls to upstreams. Metrics, traces and logs implement it. */
export interface Telemetry {
  readonly log: Logger;
  /** Handed to core. */
  readonly observer?: Observer;
  /** Absent when metrics are off. */
  readonly metrics?: MetricsPage;
  /** Runs around each request, and must return the result of `run` unchanged. */
  around?<T>(start: RequestStart, run: () => Promise<T>): Promise<T>;
  /** Called for each request that arrives. Must not throw. */
  requestStarted?(): void;
  /** Called once for each request when it has been answered, while `around` still runs. Must not throw. */
  requestEnded?(facts: RequestFacts): void;
  /** Called once with the source of states that are shown rather than counted. */
  watch?(takeSnapshot: TakeSnapshot): void;
  /**
   * Headers for the upstream call of the current asynchronous context: `traceparent`. Absent when there are no traces.
   */
  outgoingHeaders?(): Readonly<Record<string, string>> | undefined;
  close?(): Promise<void>;
}

/** What telemetry shows of the gateway, as it is at the moment. */
export interface GatewaySnapshot {
  readonly dheera: Pick<Dheera, "models" | "deployments">;
  /** Names of the configured keys, and of keys of the database that were used, up to a number. */
  readonly keyNames: ReadonlySet<string>;
  /** Budgets that requests have met; absent without a database. */
  readonly budgets?: readonly BudgetState[];
  /** Absent without a database. */
  readonly database?: DatabaseStats;
  /** What processes share through Redis; absent where they share nothing. */
  readonly redis?: readonly RedisUse[];
  /** Absent when there is no score cache. */
  readonly cache?: CacheStats;
  /** Absent where no batches are kept. */
  readonly batches?: BatchStats;
}

/** What is known in this process of a budget. */
export interface BudgetState {
  readonly kind: "key" | "member" | "user" | "team" | "organization_member" | "organization";
  readonly id: string;
  readonly name: string;
  /** US dollars. */
  readonly max: number;
  /** US dollars; negative where more was spent. */
  readonly remaining: number;
}

/** Whether the database of teams can be used, and what waits for it in this process. */
export interface DatabaseStats {
  readonly isUp: boolean;
  readonly spending: {
    /** Answers that are not in the database yet. */
    readonly unbooked: number;
    readonly journalBytes: number;
    /** Answers that it can never take. */
    readonly refused: number;
  };
  /** Of the processes that read reports; absent where there are none. */
  readonly reports?:
    | {
        readonly processes: number;
        readonly waiting: number;
        readonly failed: Readonly<Record<"refused" | "timeout" | "ended", number>>;
      }
    | undefined;
}

/** Something that processes share through Redis. */
export interface RedisUse {
  readonly use: "rate_limits" | "servers";
  readonly state: "connecting" | "up" | "down";
}

/** What this process has done for batches, and what is left to do. */
export interface BatchStats {
  readonly lines: { readonly completed: number; readonly failed: number };
  readonly uploadedBytes: number;
  readonly downloadedBytes: number;
  /** What all processes of the queue keep, and what is left to do. */
  totals(): Promise<{
    readonly files: number;
    readonly bytes: number;
    readonly uploads: number;
    /** Parts of all batches that wait for a worker, and that one holds. */
    readonly shards: { readonly waiting: number; readonly running: number };
    readonly linesLeft: number;
  }>;
}

/** State of a score cache; a cache without Redis lacks the last two. */
interface CacheStats {
  readonly entries: number;
  readonly bytes: number;
  readonly redis?: "connecting" | "up" | "down";
  /** Reads and writes done without Redis. */
  readonly skipped?: number;
}

/** Takes a snapshot of the current gateway, which changes with each reload. Undefined while there is no gateway yet. */
export type TakeSnapshot = () => GatewaySnapshot | undefined;

const silence = (): void => {};

/** A logger that writes nothing. */
export const silentLog: Logger = { debug: silence, info: silence, warn: silence, error: silence };

/** Telemetry that observes nothing. */
export const noTelemetry: Telemetry = { log: silentLog };
