import type { CallFacts, DheeraEvent, ErrorCode, Observer, Usage } from "@dheera-ai/core";

import { errorCodeOf } from "../error-code-of.ts";
import type { TakeSnapshot } from "../telemetry.ts";
import { type Instruments, latencyBuckets, queueBuckets } from "./instruments.ts";
import { LabelValues, none, other } from "./label-values.ts";
import type { Labels, Tally } from "./tallied-counter.ts";
import type { Distribution } from "./tallied-histogram.ts";

/** The time series of calls to one deployment. */
interface DeploymentSeries {
  readonly labels: Labels<DeploymentLabel>;
  readonly calls: Tally;
  readonly successes: Tally;
  readonly documents: Tally;
  readonly hedges: Tally;
  readonly latency: Distribution;
  readonly queue: Distribution;
  /** By tenant; empty while no call's cost is known. */
  readonly spend: Map<string, Tally>;
  /** Absent before the first call whose cost is not known. */
  unpriced: Tally | undefined;
}

export type DeploymentLabel = (typeof deploymentLabels)[number];

/** LiteLLM's names: `model_id` is the deployment's id, `model_group` its model name. */
export const deploymentLabels = ["model_id", "model_group", "api_provider"] as const;

/** Of money: who spent it, for which model, at which provider. */
export const spendLabels = ["model_group", "api_key_alias", "api_provider"] as const;

/**
 * Counts calls to upstreams, retries and cooldowns. Deployment ids come only from the configuration, so there are few.
 */
export class CallMetrics implements Observer {
  readonly #takeSnapshot: TakeSnapshot;
  readonly #names: LabelValues;
  readonly #series = new Map<string, DeploymentSeries>();
  readonly #metrics: ReturnType<typeof makeMetrics>;

  constructor(instruments: Instruments, takeSnapshot: TakeSnapshot) {
    this.#takeSnapshot = takeSnapshot;
    this.#names = new LabelValues(takeSnapshot);
    this.#metrics = makeMetrics(instruments);
  }

  // Without `async`: every call of every request comes by here, and a function that waits makes two promises more.
  call<T extends { readonly usage?: Usage }>(facts: CallFacts, run: () => Promise<T>): Promise<T> {
    const series = this.#seriesOf(facts);
    series.calls.value++;
    series.documents.value += facts.documents;
    if (facts.hedge) series.hedges.value++;
    series.queue.observe(facts.queueMilliseconds / 1000);
    const started = performance.now();
    return run().then(
      (result) => {
        series.latency.observe((performance.now() - started) / 1000);
        series.successes.value++;
        const cost = result.usage?.cost;
        if (cost !== undefined) this.#spendOf(series, facts.tenant).value += cost;
        else if (facts.billing !== "compute") (series.unpriced ??= this.#metrics.unpriced.tally(series.labels)).value++;
        return result;
      },
      (error: unknown) => {
        this.#count(this.#metrics.failures, series.labels, errorCodeOf(error, facts.provider));
        throw error;
      },
    );
  }

  /** A deployment whose name stands for many models may have them at several providers. */
  #seriesOf(facts: CallFacts): DeploymentSeries {
    const known = this.#series.get(facts.deployment);
    if (known?.labels.api_provider === facts.provider) return known;
    const key = known ? JSON.stringify([facts.deployment, facts.provider]) : facts.deployment;
    const series = this.#series.get(key) ?? this.#newSeries(facts);
    this.#series.set(key, series);
    return series;
  }

  event(event: DheeraEvent): void {
    if (event.type === "unknown-server") {
      const labels = this.#labelsOf(event.deployment);
      this.#metrics.calls.tally(labels).value++;
      this.#count(this.#metrics.failures, labels, event.code);
    }
    if (event.type === "retry") this.#count(this.#metrics.retries, this.#labelsOf(event.deployment), event.code);
    if (event.type === "cooldown") this.#count(this.#metrics.cooldowns, this.#labelsOf(event.deployment), event.code);
  }

  #count(counter: ReturnType<typeof makeMetrics>["failures"], labels: Labels<DeploymentLabel>, code: ErrorCode): void {
    counter.tally({ ...labels, exception_class: code }).value++;
  }

  #labelsOf(id: string): Labels<DeploymentLabel> {
    const series = this.#series.get(id);
    if (series) return series.labels;
    const status = this.#takeSnapshot()
      ?.dheera.deployments()
      .find((deployment) => deployment.id === id);
    return {
      model_id: status?.id ?? other,
      model_group: status?.modelName ?? other,
      api_provider: status?.provider ?? other,
    };
  }

  #spendOf({ spend, labels: { model_group, api_provider } }: DeploymentSeries, tenant: string): Tally {
    let tally = spend.get(tenant);
    if (!tally) {
      const api_key_alias = this.#names.key(tenant === "" ? none : tenant);
      spend.set(tenant, (tally = this.#metrics.spend.tally({ model_group, api_key_alias, api_provider })));
    }
    return tally;
  }

  #newSeries({ deployment, modelName, provider }: CallFacts): DeploymentSeries {
    const metrics = this.#metrics;
    const labels = { model_id: deployment, model_group: modelName, api_provider: provider };
    return {
      labels,
      calls: metrics.calls.tally(labels),
      successes: metrics.successes.tally(labels),
      documents: metrics.documents.tally(labels),
      hedges: metrics.hedges.tally(labels),
      latency: metrics.latency.distribution(labels),
      queue: metrics.queue.distribution(labels),
      spend: new Map(),
      unpriced: undefined,
    };
  }
}

function makeMetrics(instruments: Instruments) {
  const labels = deploymentLabels;
  const withCode = [...labels, "exception_class"] as const;
  return {
    calls: instruments.counter("deployment_total_requests", labels),
    successes: instruments.counter("deployment_success_responses", labels),
    failures: instruments.counter("deployment_failure_responses", withCode),
    documents: instruments.counter("deployment_documents", labels),
    hedges: instruments.counter("deployment_hedged_requests", labels),
    retries: instruments.counter("deployment_retries", withCode),
    cooldowns: instruments.counter("deployment_cooled_down", withCode),
    latency: instruments.histogram("llm_api_latency_metric", labels, latencyBuckets),
    queue: instruments.histogram("deployment_queue_time_seconds", labels, queueBuckets),
    spend: instruments.counter("spend_metric", spendLabels),
    unpriced: instruments.counter("deployment_unpriced_responses", labels),
  };
}
