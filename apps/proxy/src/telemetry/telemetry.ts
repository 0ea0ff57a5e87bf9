import type { DheeraError, ErrorCode, Observer, RequestReport, RerankRequest } from "@dheera-ai/core";

import type { MetricsData } from "./metrics/merge-metrics.ts";
import type { TakeSnapshot } from "./subject.ts";

/** Facts beside a message; never a key, a query or a document. An `error` is told without what it may quote. */
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
  /** For `traceparent` and the like. */
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
  /** The deployment's provider, where an upstream was at fault. */
  readonly provider?: string;
  /** Name of the caller's key. */
  readonly caller?: string;
  /** The model name that was asked for; absent when the request did not get as far as naming a configured one. */
  readonly modelName?: string;
  readonly durationMilliseconds: number;
  /** Of a rerank request. */
  readonly report?: RequestReport;
  /** Of a rerank request. Looked at only where the operator asked for documents in the log. */
  readonly request?: Pick<RerankRequest, "query" | "documents">;
}

/** The metrics of this process in the text format of Prometheus. */
export interface MetricsPage {
  readonly contentType: string;
  text(): Promise<string>;
  /** The same as plain data, for a process that answers for several: see `mergeMetrics`. */
  data(): Promise<MetricsData>;
}

/** Watches requests from the outside and their calls from the inside. Metrics, traces and logs are made behind it. */
export interface Telemetry {
  readonly log: Logger;
  /** Handed to core. */
  readonly observer?: Observer;
  /** Absent when metrics are off. */
  readonly metrics?: MetricsPage;
  /** Runs around each request: what `run` gives must come back unchanged. */
  around?<T>(start: RequestStart, run: () => Promise<T>): Promise<T>;
  /** Told of each request that comes. Must not throw. */
  requestStarted?(): void;
  /** Told once for each request that came, while `around` still runs. Must not throw. */
  requestEnded?(facts: RequestFacts): void;
  /** Told once where to look at what is served, for states that are shown rather than counted. */
  watch?(takeSnapshot: TakeSnapshot): void;
  /** Headers that the call to an upstream under way here should carry: `traceparent`. Absent when there are no traces. */
  outgoingHeaders?(): Readonly<Record<string, string>> | undefined;
  close?(): Promise<void>;
}

const silence = (): void => {};

/** A logger that says nothing. */
export const silentLog: Logger = { debug: silence, info: silence, warn: silence, error: silence };

/** Telemetry that watches nothing. */
export const noTelemetry: Telemetry = { log: silentLog };
