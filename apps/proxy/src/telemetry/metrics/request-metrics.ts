import type { RequestReport } from "@dheera-ai/core";

import { faultOf } from "../fault.ts";
import type { RequestFacts } from "../telemetry.ts";
import { spendLabels } from "./call-metrics.ts";
import { type Instruments, latencyBuckets, overheadBuckets, queueBuckets } from "./instruments.ts";
import { LabelValues, none, other } from "./label-values.ts";
import type { Labels, Tally } from "./tallied-counter.ts";
import type { Distribution } from "./tallied-histogram.ts";

type ByModel = "requested_model";
type ByKey = ByModel | "api_key_alias";
type ByRoute = ByKey | "route";

/** The time series of requests of one route by one key for one model name. */
interface RouteSeries {
  readonly labels: Labels<ByRoute>;
  readonly statuses: Map<number, Tally>;
  /** Absent before the first of them was reranked. */
  rerank: RerankSeries | undefined;
}

interface RerankSeries {
  readonly latency: Distribution;
  readonly overhead: Distribution;
  readonly queue: Distribution;
  readonly documents: Tally;
  readonly batches: Tally;
  readonly cacheHits: Tally;
  readonly cacheMisses: Tally;
  readonly tokens: Tally;
}

/** Counts requests as callers see them: retries and batches are part of one request. */
export class RequestMetrics {
  readonly #names: LabelValues;
  /** By model name, then by key, then by route. */
  readonly #series = new Map<string, Map<string, Map<string, RouteSeries>>>();
  readonly #metrics: ReturnType<typeof makeMetrics>;

  constructor(instruments: Instruments, names: LabelValues) {
    this.#names = names;
    this.#metrics = makeMetrics(instruments);
  }

  ended(facts: RequestFacts): void {
    const { status, code, report } = facts;
    const series = this.#seriesOf(facts);
    let requests = series.statuses.get(status);
    if (!requests) {
      requests = this.#metrics.requests.tally({ ...series.labels, status_code: String(status) });
      series.statuses.set(status, requests);
    }
    requests.value++;
    const hasFailed = code !== undefined || status >= 400;
    const fault = hasFailed ? faultOf(code, status) : undefined;
    if (fault) {
      const exception = { exception_status: String(status), exception_class: code ?? none };
      this.#metrics.failures.tally({ ...series.labels, ...exception, fault }).value++;
    }
    if (report) this.#countRerank(series, report, fault === "caller" ? undefined : facts.durationMilliseconds);
  }

  /**
   * @param duration Milliseconds; undefined for requests that failed by their caller's fault, which would make latency
   * look shorter than it is.
   */
  #countRerank(series: RouteSeries, report: RequestReport, duration: number | undefined): void {
    const rerank = (series.rerank ??= this.#newRerankSeries(series.labels));
    rerank.documents.value += report.documents;
    rerank.batches.value += report.batches;
    rerank.cacheHits.value += report.cacheHits;
    rerank.cacheMisses.value += report.cacheMisses;
    rerank.tokens.value += report.tokens;
    if (report.savedCost !== undefined) this.#countSaved(series.labels, report, report.savedCost);
    if (report.passthrough !== undefined) {
      const { requested_model } = series.labels;
      this.#metrics.passthroughs.tally({ requested_model, exception_class: report.passthrough }).value++;
    }
    if (duration === undefined) return;
    rerank.latency.observe(duration / 1000);
    rerank.queue.observe(report.queueMilliseconds / 1000);
    rerank.overhead.observe(Math.max(0, duration - report.upstreamMilliseconds - report.queueMilliseconds) / 1000);
  }

  /** Rare: a label set each time is cheap enough. */
  #countSaved({ api_key_alias }: Labels<ByRoute>, { modelName, provider }: RequestReport, saved: number): void {
    const labels = {
      model_group: this.#names.model(modelName ?? none),
      api_key_alias,
      api_provider: provider ?? other,
    };
    this.#metrics.saved.tally(labels).value += saved;
  }

  #seriesOf({ modelName = none, caller = none, route }: RequestFacts): RouteSeries {
    return (
      this.#series.get(modelName)?.get(caller)?.get(route) ??
      this.#openSeries(this.#names.model(modelName), this.#names.key(caller), route)
    );
  }

  #openSeries(model: string, key: string, route: string): RouteSeries {
    const byKey = this.#series.get(model) ?? new Map<string, Map<string, RouteSeries>>();
    const byRoute = byKey.get(key) ?? new Map<string, RouteSeries>();
    const labels = { requested_model: model, api_key_alias: key, route };
    const series = byRoute.get(route) ?? { labels, statuses: new Map(), rerank: undefined };
    this.#series.set(model, byKey.set(key, byRoute.set(route, series)));
    return series;
  }

  #newRerankSeries({ requested_model, api_key_alias }: Labels<ByRoute>): RerankSeries {
    const metrics = this.#metrics;
    const byModel = { requested_model };
    return {
      latency: metrics.latency.distribution(byModel),
      overhead: metrics.overhead.distribution(byModel),
      queue: metrics.queue.distribution(byModel),
      documents: metrics.documents.tally(byModel),
      batches: metrics.batches.tally(byModel),
      cacheHits: metrics.cacheHits.tally(byModel),
      cacheMisses: metrics.cacheMisses.tally(byModel),
      tokens: metrics.tokens.tally({ requested_model, api_key_alias }),
    };
  }
}

function makeMetrics(instruments: Instruments) {
  const byModel = ["requested_model"] as const;
  const byKey = [...byModel, "api_key_alias"] as const;
  const byRoute = [...byKey, "route"] as const;
  return {
    requests: instruments.counter("proxy_total_requests_metric", [...byRoute, "status_code"]),
    failures: instruments.counter("proxy_failed_requests_metric", [
      ...byRoute,
      "exception_status",
      "exception_class",
      "fault",
    ]),
    latency: instruments.histogram("request_total_latency_metric", byModel, latencyBuckets),
    overhead: instruments.histogram("overhead_latency_metric", byModel, overheadBuckets),
    queue: instruments.histogram("request_queue_time_seconds", byModel, queueBuckets),
    documents: instruments.counter("documents", byModel),
    batches: instruments.counter("batches", byModel),
    cacheHits: instruments.counter("cache_hits_metric", byModel),
    cacheMisses: instruments.counter("cache_misses_metric", byModel),
    tokens: instruments.counter("input_tokens_metric", byKey),
    saved: instruments.counter("saved_spend_metric", spendLabels),
    passthroughs: instruments.counter("passthrough", [...byModel, "exception_class"]),
  };
}
