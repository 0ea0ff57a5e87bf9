import { expect, it } from "vitest";

import { type Answer, scoreByNumber, sendJson, startUpstream } from "../../fixtures/start-upstream.ts";
import { version } from "../../version.ts";
import { type ObservedProxy, startObservedProxy } from "../fixtures/observed-proxy.ts";
import { type Samples, readSamples } from "../fixtures/samples.ts";
import type { GatewaySnapshot } from "../telemetry.ts";
import { createMetrics } from "./create-metrics.ts";
import { mergeMetrics } from "./merge-metrics.ts";

const request = { model: "bge", query: "q", documents: ["1 a", "2 b", "3 c"] };

it("counts a request, its documents, its call and its tokens", async () => {
  await using upstream = await startUpstream();
  await using proxy = await startObservedProxy({ yaml: config(upstream.url) });
  expect((await proxy.rerank(request)).status).toBe(200);

  const metrics = await proxy.metrics();
  const asked = { requested_model: "bge", api_key_alias: "master", route: "/v1/rerank" };
  const deployment = { model_id: "one", model_group: "bge", api_provider: "huggingface" };
  expect(metrics.value("dheera_ai_proxy_total_requests_metric_total", { ...asked, status_code: "200" })).toBe(1);
  expect(metrics.value("dheera_ai_proxy_failed_requests_metric_total")).toBeUndefined();
  expect(metrics.value("dheera_ai_documents_total", { requested_model: "bge" })).toBe(3);
  expect(metrics.value("dheera_ai_batches_total", { requested_model: "bge" })).toBe(1);
  expect(
    metrics.value("dheera_ai_input_tokens_metric_total", { requested_model: "bge", api_key_alias: "master" }),
  ).toBe(30);
  expect(metrics.value("dheera_ai_request_total_latency_metric_count", { requested_model: "bge" })).toBe(1);
  expect(metrics.value("dheera_ai_overhead_latency_metric_count", { requested_model: "bge" })).toBe(1);
  expect(metrics.value("dheera_ai_deployment_total_requests_total", deployment)).toBe(1);
  expect(metrics.value("dheera_ai_deployment_success_responses_total", deployment)).toBe(1);
  expect(metrics.value("dheera_ai_deployment_documents_total", deployment)).toBe(3);
  expect(metrics.value("dheera_ai_llm_api_latency_metric_count", deployment)).toBe(1);
  expect(metrics.value("dheera_ai_deployment_state", deployment)).toBe(0);
  expect(metrics.value("dheera_ai_build_info", { version })).toBe(1);
});

it("never counts more overhead than the whole request took", async () => {
  await using upstream = await startUpstream();
  await using proxy = await startObservedProxy({ yaml: config(upstream.url) });
  for (let count = 0; count < 5; count++) await proxy.rerank(request);
  const metrics = await proxy.metrics();
  const total = metrics.value("dheera_ai_request_total_latency_metric_sum") ?? 0;
  expect(metrics.value("dheera_ai_overhead_latency_metric_sum")).toBeGreaterThan(0);
  expect(metrics.value("dheera_ai_overhead_latency_metric_sum")).toBeLessThan(total);
});

it.each([
  {
    what: "a caller that sends no query",
    body: { model: "bge", documents: ["a"] },
    status: "400",
    code: "invalid_request",
    fault: "caller",
  },
  {
    what: "a caller without a key",
    headers: { authorization: "" },
    status: "401",
    code: "unauthenticated",
    fault: "caller",
  },
  { what: "an upstream that breaks", answer: fails(500), status: "502", code: "provider_failed", fault: "upstream" },
  { what: "an upstream that refuses our key", answer: fails(401), status: "502", code: "provider_auth", fault: "us" },
])(
  "says whose fault it was: $what",
  async ({ body = request, headers = {}, answer = scoreByNumber, status, code, fault }) => {
    await using upstream = await startUpstream(answer);
    await using proxy = await startObservedProxy({ yaml: config(upstream.url) });
    await proxy.rerank(body, headers);
    const metrics = await proxy.metrics();
    const labels = { exception_status: status, exception_class: code, fault };
    expect(metrics.value("dheera_ai_proxy_failed_requests_metric_total", labels)).toBe(1);
    expect(metrics.value("dheera_ai_proxy_total_requests_metric_total", { status_code: status })).toBe(1);
  },
);

it("leaves refused requests out of latencies, because they would make the latencies look shorter", async () => {
  await using upstream = await startUpstream();
  await using proxy = await startObservedProxy({ yaml: config(upstream.url) });
  await proxy.rerank({ ...request, query: 7 });
  expect(
    (await proxy.metrics()).value("dheera_ai_request_total_latency_metric_count", { requested_model: "bge" }) ?? 0,
  ).toBe(0);
});

it("counts failed calls, retries and cooldowns by deployment and code", async () => {
  await using upstream = await startUpstream(fails(500));
  await using proxy = await startObservedProxy({
    yaml: `${config(upstream.url)}\nrouter_settings: { num_retries: 2, allowed_fails: 2, cooldown_time: 60 }`,
  });
  await proxy.rerank(request);
  const metrics = await proxy.metrics();
  const labels = {
    model_id: "one",
    model_group: "bge",
    api_provider: "huggingface",
    exception_class: "provider_failed",
  };
  expect(metrics.value("dheera_ai_deployment_failure_responses_total", labels)).toBe(3);
  expect(metrics.value("dheera_ai_deployment_retries_total", labels)).toBe(2);
  expect(metrics.value("dheera_ai_deployment_cooled_down_total", labels)).toBe(1);
  expect(metrics.value("dheera_ai_deployment_success_responses_total", { model_id: "one" })).toBe(0);
  expect(metrics.value("dheera_ai_deployment_state", { model_id: "one" })).toBe(2);
});

it("counts each time that a server could not even say what it is, so that one that is dead from the start is noticed", async () => {
  const upstream = await startUpstream();
  const dead = upstream.url;
  await upstream[Symbol.asyncDispose]();
  await using proxy = await startObservedProxy({ yaml: config(dead) });
  for (let count = 0; count < 6; count++) expect((await proxy.rerank(request)).status).toBe(502);

  const metrics = await proxy.metrics();
  const deployment = { model_id: "one", model_group: "bge", api_provider: "huggingface" };
  const calls = metrics.value("dheera_ai_deployment_total_requests_total", deployment);
  expect(calls).toBeGreaterThanOrEqual(6);
  expect(
    metrics.value("dheera_ai_deployment_failure_responses_total", {
      ...deployment,
      exception_class: "provider_unreachable",
    }),
  ).toBe(calls);
  expect(proxy.gateway.dheera.deployments()[0]).toMatchObject({ calls, failures: calls });
});

it("counts a fallback that served and one that failed as well", async () => {
  await using broken = await startUpstream(fails(500));
  await using healthy = await startUpstream();
  await using proxy = await startObservedProxy({ yaml: threeModels(broken.url, broken.url, healthy.url) });
  expect((await proxy.rerank({ ...request, model: "first" })).status).toBe(200);
  const metrics = await proxy.metrics();
  const reason = { requested_model: "first", exception_class: "provider_failed" };
  expect(metrics.value("dheera_ai_deployment_failed_fallbacks_total", { ...reason, fallback_model: "second" })).toBe(1);
  expect(metrics.value("dheera_ai_deployment_successful_fallbacks_total", { ...reason, fallback_model: "third" })).toBe(
    1,
  );
  expect(metrics.value("dheera_ai_deployment_failed_fallbacks_total", { fallback_model: "third" })).toBeUndefined();
});

it("counts requests that no deployment could rank", async () => {
  await using upstream = await startUpstream(fails(500));
  await using proxy = await startObservedProxy({ yaml: config(upstream.url, "on_error: passthrough") });
  expect((await proxy.rerank(request)).status).toBe(200);
  const metrics = await proxy.metrics();
  expect(
    metrics.value("dheera_ai_passthrough_total", { requested_model: "bge", exception_class: "provider_failed" }),
  ).toBe(1);
});

it("makes no new label values of what callers send", async () => {
  await using upstream = await startUpstream();
  await using proxy = await startObservedProxy({ yaml: config(upstream.url) });
  for (let count = 0; count < 20; count++) await proxy.rerank({ ...request, model: `model-${count}` });
  for (const modelName of ["surprise", "bge"])
    for (const caller of ["stranger", "team"])
      proxy.telemetry.requestEnded?.({
        callId: "c",
        method: "POST",
        route: "/v1/rerank",
        status: 200,
        durationMilliseconds: 1,
        modelName,
        caller,
      });
  const metrics = await proxy.metrics();
  expect(metrics.labelValues("dheera_ai_", "requested_model")).toEqual(new Set(["none", "other", "bge"]));
  expect(metrics.labelValues("dheera_ai_", "api_key_alias")).toEqual(new Set(["master", "other", "team"]));
});

it("shows the requests in flight, and the documents of their calls", async () => {
  const arrived = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  await using upstream = await startUpstream(async (exchange) => {
    arrived.resolve();
    await go.promise;
    scoreByNumber(exchange);
  });
  await using proxy = await startObservedProxy({ yaml: config(upstream.url) });
  const answered = proxy.rerank(request);
  await arrived.promise;
  const during = await proxy.metrics();
  go.resolve();
  await answered;
  const after = await proxy.metrics();
  expect(during.value("dheera_ai_in_flight_requests")).toBe(1);
  expect(during.value("dheera_ai_deployment_documents_in_flight", { model_id: "one" })).toBe(3);
  expect(after.value("dheera_ai_in_flight_requests")).toBe(0);
  expect(after.value("dheera_ai_deployment_documents_in_flight", { model_id: "one" })).toBe(0);
});

it("counts a cancelled call as cancelled, not as the deployment's failure", async () => {
  const arrived = Promise.withResolvers<void>();
  await using upstream = await startUpstream(() => arrived.resolve());
  await using proxy = await startObservedProxy({ yaml: config(upstream.url) });
  const controller = new AbortController();
  const answered = proxy.gateway.dheera.rerank(request, { signal: controller.signal });
  await arrived.promise;
  controller.abort();
  await expect(answered).rejects.toMatchObject({ code: "cancelled" });
  expect(
    (await proxy.metrics()).value("dheera_ai_deployment_failure_responses_total", { exception_class: "cancelled" }),
  ).toBe(1);
});

it("counts hedges of straggling calls, and how long batches waited for a slot", async () => {
  await using upstream = await startUpstream();
  await using proxy = await startObservedProxy({ yaml: config(upstream.url) });
  const call = {
    callId: "c",
    tenant: "",
    billing: undefined,
    deployment: "one",
    modelName: "bge",
    provider: "huggingface",
    model: "m",
    documents: 3,
    attempt: 0,
  };
  await proxy.telemetry.observer?.call?.({ ...call, hedge: false, queueMilliseconds: 20 }, async () => ({}));
  await proxy.telemetry.observer?.call?.({ ...call, hedge: true, queueMilliseconds: 0 }, async () => ({}));
  const metrics = await proxy.metrics();
  expect(metrics.value("dheera_ai_deployment_hedged_requests_total", { model_id: "one" })).toBe(1);
  expect(metrics.value("dheera_ai_deployment_queue_time_seconds_sum", { model_id: "one" })).toBeCloseTo(0.02);
  expect(metrics.value("dheera_ai_deployment_queue_time_seconds_bucket", { model_id: "one", le: "0.01" })).toBe(1);
});

it("shows hits, misses and the size of the score cache, and nothing of a cache that is not there", async () => {
  await using upstream = await startUpstream();
  await using proxy = await startObservedProxy({
    yaml: `${config(upstream.url)}\ndheera_ai_settings: { cache: true, cache_params: { max_size_mb: 1 } }`,
  });
  await proxy.rerank(request);
  await proxy.rerank({ ...request, documents: ["1 a", "4 d"] });
  const metrics = await proxy.metrics();
  expect(metrics.value("dheera_ai_cache_hits_metric_total", { requested_model: "bge" })).toBe(1);
  expect(metrics.value("dheera_ai_cache_misses_metric_total", { requested_model: "bge" })).toBe(4);
  expect(metrics.value("dheera_ai_cache_entries")).toBe(4);
  expect(metrics.value("dheera_ai_cache_bytes")).toBeGreaterThan(900_000);
  expect(metrics.value("dheera_ai_cache_redis_up")).toBeUndefined();

  await using bare = await startObservedProxy({ yaml: config(upstream.url) });
  expect((await bare.metrics()).value("dheera_ai_cache_entries")).toBeUndefined();
});

it("shows the database of teams and what waits for it, and nothing where there is none", async () => {
  const pageOf = async (more: Pick<GatewaySnapshot, "database">): Promise<Samples> => {
    const dheera = { models: () => [], deployments: () => [] };
    const takeSnapshot = (): GatewaySnapshot => ({ dheera, keyNames: new Set(), ...more });
    return readSamples(await createMetrics({ takeSnapshot, version: "1", droppedLines: () => 0 }).metrics.text());
  };
  const spending = { unbooked: 7, journalBytes: 900, refused: 3 };
  const away = await pageOf({ database: { isUp: false, spending } });
  expect(away.value("dheera_ai_database_up")).toBe(0);
  expect(away.value("dheera_ai_spend_unbooked_answers")).toBe(7);
  expect(away.value("dheera_ai_spend_journal_bytes")).toBe(900);
  expect(away.value("dheera_ai_spend_refused_answers_total")).toBe(3);
  expect(away.value("dheera_ai_report_processes")).toBeUndefined();
  const reports = { processes: 2, waiting: 1, failed: { refused: 4, timeout: 5, ended: 6 } };
  const page = await pageOf({ database: { isUp: true, spending, reports } });
  expect(page.value("dheera_ai_database_up")).toBe(1);
  expect(page.value("dheera_ai_report_processes")).toBe(2);
  expect(page.value("dheera_ai_reports_waiting")).toBe(1);
  for (const [reason, count] of Object.entries(reports.failed))
    expect(page.value("dheera_ai_reports_failed_total", { reason })).toBe(count);
  const without = await pageOf({});
  for (const name of ["database_up", "spend_unbooked_answers", "spend_journal_bytes", "spend_refused_answers_total"])
    expect(without.value(`dheera_ai_${name}`)).toBeUndefined();
});

it("shows whether Redis is used", async () => {
  await using upstream = await startUpstream();
  await using proxy = await startObservedProxy({ yaml: config(upstream.url) });
  const { dheera } = proxy.gateway;
  proxy.telemetry.watch(() => ({
    dheera,
    keyNames: new Set(),
    cache: { entries: 1, bytes: 32, redis: "down", skipped: 5 },
  }));
  const metrics = await proxy.metrics();
  expect(metrics.value("dheera_ai_cache_redis_up")).toBe(0);
  expect(metrics.value("dheera_ai_cache_redis_skipped_total")).toBe(5);
});

it("shows the memory and the event loop of the process", async () => {
  await using upstream = await startUpstream();
  await using proxy = await startObservedProxy({ yaml: config(upstream.url) });
  const metrics = await proxy.metrics();
  expect(metrics.value("process_resident_memory_bytes")).toBeGreaterThan(1_000_000);
  expect(metrics.names).toContain("nodejs_eventloop_lag_p99_seconds");
});

it("forgets the gauges of deployments that a new configuration no longer has", async () => {
  await using upstream = await startUpstream();
  await using proxy = await startObservedProxy({ yaml: config(upstream.url) });
  expect((await proxy.metrics()).value("dheera_ai_deployment_state", { model_id: "one" })).toBe(0);
  proxy.telemetry.watch(() => ({ dheera: { models: () => [], deployments: () => [] }, keyNames: new Set() }));
  expect((await proxy.metrics()).value("dheera_ai_deployment_state", { model_id: "one" })).toBeUndefined();
});

it("makes one page of several workers: counts add up, and of states the worst is shown", async () => {
  await using healthy = await startUpstream();
  await using broken = await startUpstream(fails(500));
  await using first = await startObservedProxy({ yaml: config(healthy.url) });
  await using second = await startObservedProxy({
    yaml: `${config(broken.url)}\nrouter_settings: { allowed_fails: 0, cooldown_time: 60 }`,
  });
  await first.rerank(request);
  await second.rerank(request);
  const data = await Promise.all([first, second].map(dataOf));
  const metrics = readSamples(await mergeMetrics(data));
  expect(metrics.value("dheera_ai_documents_total", { requested_model: "bge" })).toBe(6);
  expect(metrics.value("dheera_ai_llm_api_latency_metric_count", { model_id: "one" })).toBe(1);
  expect(metrics.value("dheera_ai_llm_api_latency_metric_bucket", { model_id: "one", le: "+Inf" })).toBe(1);
  expect(metrics.value("dheera_ai_deployment_state", { model_id: "one" })).toBe(2);
  expect(metrics.value("dheera_ai_build_info", { version })).toBe(1);
});

it("makes no page when metrics are off", async () => {
  await using upstream = await startUpstream();
  await using proxy = await startObservedProxy({ yaml: config(upstream.url), metrics: false });
  expect(proxy.telemetry.metrics).toBeUndefined();
  expect(proxy.telemetry.around).toBeUndefined();
  expect(proxy.telemetry.observer?.call).toBeUndefined();
});

/** The data as one process sends it to another. */
async function dataOf({ telemetry }: ObservedProxy): Promise<readonly object[]> {
  return JSON.parse(JSON.stringify(await telemetry.metrics?.data()));
}

function fails(status: number): Answer {
  return ({ outgoing }) => sendJson(outgoing, { error: "no" }, {}, status);
}

function config(url: string, params = ""): string {
  return `
model_list:
  - model_name: bge
    dheera_ai_params: { model: huggingface/BAAI/bge-reranker-base, api_base: "${url}", ${params} }
    model_info: { id: one }
general_settings:
  master_key: sk-master
  keys: [{ name: team, key: "sha256:${"0".repeat(64)}" }]`;
}

function threeModels(...urls: readonly string[]): string {
  const names = ["first", "second", "third"];
  const models = urls.map(
    (url, index) =>
      `  - { model_name: ${names[index]}, dheera_ai_params: { model: huggingface/m, api_base: "${url}", max_retries: 0 } }`,
  );
  return `
model_list:
${models.join("\n")}
router_settings: { fallbacks: [{ first: [second, third] }] }
general_settings: { master_key: sk-master }`;
}
