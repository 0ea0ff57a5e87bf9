import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

import { expect, it } from "vitest";

import { type Answer, sendJson, startUpstream } from "../../fixtures/start-upstream.ts";
import { version } from "../../version.ts";
import { type CollectedSpan, type Collector, startCollector } from "../fixtures/collector.ts";
import { startObservedProxy } from "../fixtures/observed-proxy.ts";

const request = { model: "bge", query: "who is Quixote", documents: ["1 Sancho", "2 Dulcinea", "3 Rocinante"] };
const server = 2;
const client = 3;
const failed = 2;

it("sends one span for the request and one for its call, named by the conventions", async () => {
  await using upstream = await startUpstream();
  await using collector = await startCollector();
  const proxy = await startObservedProxy({ yaml: config(upstream.url), environment: towards(collector) });
  await proxy.rerank(request, { "x-dheera-call-id": "call-7" });
  await proxy[Symbol.asyncDispose]();

  expect(collector.exports[0]?.path).toBe("/v1/traces");
  expect(collector.resource()).toMatchObject({ "service.name": "search", "service.version": version });
  expect(collector.spans()).toHaveLength(2);
  expect(spanOf(collector, server)).toMatchObject({
    name: "POST /v1/rerank",
    parentSpanId: undefined,
    status: 0,
    attributes: {
      "http.request.method": "POST",
      "http.route": "/v1/rerank",
      "http.response.status_code": 200,
      "gen_ai.operation.name": "rerank",
      "gen_ai.request.model": "bge",
      "gen_ai.usage.input_tokens": 30,
      "dheera_ai.call_id": "call-7",
      "dheera_ai.documents": 3,
      "dheera_ai.batches": 1,
      "dheera_ai.deployment": "one",
    },
  });
  expect(spanOf(collector, client)).toMatchObject({
    name: "rerank BAAI/bge-reranker-base",
    traceId: spanOf(collector, server).traceId,
    parentSpanId: spanOf(collector, server).spanId,
    status: 0,
    attributes: {
      "gen_ai.operation.name": "rerank",
      "gen_ai.provider.name": "huggingface",
      "gen_ai.request.model": "BAAI/bge-reranker-base",
      "gen_ai.usage.input_tokens": 30,
      "dheera_ai.call_id": "call-7",
      "dheera_ai.deployment": "one",
      "dheera_ai.model_name": "bge",
      "dheera_ai.documents": 3,
      "dheera_ai.attempt": 0,
      "dheera_ai.hedge": false,
    },
  });
});

it("goes on with the caller's trace, and passes it on to the upstream under the call's span", async () => {
  await using upstream = await startUpstream();
  await using collector = await startCollector();
  const proxy = await startObservedProxy({ yaml: config(upstream.url), environment: towards(collector) });
  const traceId = "0af7651916cd43dd8448eb211c80319c";
  await proxy.rerank(request, { traceparent: `00-${traceId}-b7ad6b7169203331-01`, tracestate: "vendor=value" });
  await proxy[Symbol.asyncDispose]();

  expect(spanOf(collector, server)).toMatchObject({ traceId, parentSpanId: "b7ad6b7169203331" });
  expect(upstream.headers[0]).toMatchObject({
    traceparent: `00-${traceId}-${spanOf(collector, client).spanId}-01`,
    tracestate: "vendor=value",
  });
});

it("keeps the traces of requests apart that run at the same time", async () => {
  await using upstream = await startUpstream();
  await using collector = await startCollector();
  const proxy = await startObservedProxy({ yaml: config(upstream.url), environment: towards(collector) });
  const ids = ["call-1", "call-2", "call-3", "call-4", "call-5"];
  await Promise.all(ids.map((id) => proxy.rerank({ ...request, query: id }, { "x-dheera-call-id": id })));
  await proxy[Symbol.asyncDispose]();

  const spans = collector.spans();
  expect(new Set(spans.map(({ traceId }) => traceId))).toHaveProperty("size", 5);
  for (const id of ids) {
    const own = spans.filter(({ attributes }) => attributes["dheera_ai.call_id"] === id);
    expect(new Set(own.map(({ traceId }) => traceId))).toHaveProperty("size", 1);
    expect(own.map(({ kind }) => kind).sort((a, b) => a - b)).toEqual([server, client]);
  }
});

it("has a span for each retry, with the error's code, and marks the request as failed", async () => {
  await using upstream = await startUpstream(fails(500));
  await using collector = await startCollector();
  const proxy = await startObservedProxy({
    yaml: `${config(upstream.url)}\nrouter_settings: { num_retries: 1 }`,
    environment: towards(collector),
  });
  await proxy.rerank(request);
  await proxy[Symbol.asyncDispose]();

  const calls = collector.spans().filter(({ kind }) => kind === client);
  expect(
    calls.map(({ status, attributes }) => [status, attributes["error.type"], attributes["dheera_ai.attempt"]]),
  ).toEqual([
    [failed, "provider_failed", 0],
    [failed, "provider_failed", 1],
  ]);
  expect(spanOf(collector, server)).toMatchObject({
    status: failed,
    attributes: { "error.type": "provider_failed", "http.response.status_code": 502 },
  });
});

it("does not mark a caller's error as an error of the server, following the conventions for HTTP", async () => {
  await using upstream = await startUpstream();
  await using collector = await startCollector();
  const proxy = await startObservedProxy({ yaml: config(upstream.url), environment: towards(collector) });
  await proxy.rerank({ ...request, top_n: 0 });
  await proxy[Symbol.asyncDispose]();
  expect(spanOf(collector, server)).toMatchObject({
    status: 0,
    attributes: { "error.type": "invalid_request", "http.response.status_code": 400 },
  });
});

it("puts no query, document or key into a span, even if the upstream quotes them", async () => {
  await using upstream = await startUpstream(({ body, incoming, outgoing }) =>
    sendJson(outgoing, { error: JSON.stringify([body, incoming.headers]) }, {}, 422),
  );
  await using collector = await startCollector();
  const proxy = await startObservedProxy({ yaml: config(upstream.url), environment: towards(collector) });
  await proxy.rerank(request);
  await proxy[Symbol.asyncDispose]();
  const sent = collector.exports.map(({ body }) => body.toString()).join("");
  expect(sent).toContain("provider_rejected");
  for (const word of ["Quixote", "Sancho", "Dulcinea", "sk-master", "sk-upstream"]) expect(sent).not.toContain(word);
});

it("sends protobuf by default, with the configured headers", async () => {
  await using upstream = await startUpstream();
  await using collector = await startCollector();
  const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_HEADERS: "x-tenant=a%20b" };
  const proxy = await startObservedProxy({ yaml: config(upstream.url), environment });
  await proxy.rerank(request);
  await proxy[Symbol.asyncDispose]();
  expect(collector.exports[0]?.headers).toMatchObject({ "content-type": "application/x-protobuf", "x-tenant": "a b" });
  expect(collector.exports[0]?.body.includes("rerank BAAI/bge-reranker-base")).toBe(true);
});

it("follows the caller's decision not to sample, and still passes it on", async () => {
  await using upstream = await startUpstream();
  await using collector = await startCollector();
  const proxy = await startObservedProxy({ yaml: config(upstream.url), environment: towards(collector) });
  await proxy.rerank(request, { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00" });
  await proxy[Symbol.asyncDispose]();
  expect(collector.exports).toEqual([]);
  expect(upstream.headers[0]?.["traceparent"]).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-00$/);
});

it("writes the trace's id into the lines of its request", async () => {
  await using upstream = await startUpstream();
  await using collector = await startCollector();
  const proxy = await startObservedProxy({ yaml: config(upstream.url), environment: towards(collector) });
  await proxy.rerank(request);
  await proxy[Symbol.asyncDispose]();
  expect(proxy.logged()).toContainEqual(
    expect.objectContaining({ message: "POST /v1/rerank 200", trace_id: spanOf(collector, server).traceId }),
  );
});

it("serves as before when the collector takes no spans, and logs that once", async () => {
  await using upstream = await startUpstream();
  await using collector = await startCollector(400);
  const proxy = await startObservedProxy({
    yaml: config(upstream.url),
    environment: { ...towards(collector), OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "1" },
  });
  for (let count = 0; count < 3; count++) expect((await proxy.rerank(request)).status).toBe(200);
  await proxy[Symbol.asyncDispose]();
  expect(collector.exports.length).toBeGreaterThan(1);
  expect(proxy.logged().filter(({ message }) => String(message).includes("spans could not be sent"))).toHaveLength(1);
});

it("reports the variables that it cannot use", async () => {
  await using upstream = await startUpstream();
  await using collector = await startCollector();
  await using proxy = await startObservedProxy({
    yaml: config(upstream.url),
    environment: { ...towards(collector), OTEL_TRACES_SAMPLER: "often" },
  });
  expect(proxy.logged()).toEqual([
    expect.objectContaining({ level: "warn", message: expect.stringContaining("often") }),
  ]);
});

it("adds nothing to calls when there are no traces", async () => {
  await using upstream = await startUpstream();
  await using proxy = await startObservedProxy({ yaml: config(upstream.url) });
  await proxy.rerank(request, { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" });
  expect(proxy.telemetry.outgoingHeaders).toBeUndefined();
  expect(upstream.headers[0]).not.toHaveProperty("traceparent");
});

it.each([
  { what: "loads nothing of OpenTelemetry", environment: {}, expected: [] },
  {
    what: "loads it where it is asked for",
    environment: { OTEL_TRACES_EXPORTER: "console" },
    expected: [expect.stringContaining("sdk-trace")],
  },
])("$what", async ({ environment, expected }) => {
  const script = `
    import { registerHooks } from "node:module";
    const loaded = new Set();
    registerHooks({ resolve(name, context, next) { if (name.startsWith("@opentelemetry/sdk")) loaded.add(name); return next(name, context); } });
    const { createTelemetry } = await import(${JSON.stringify(fileURLToPath(new URL("../create-telemetry.ts", import.meta.url)))});
    const telemetry = await createTelemetry({ environment: ${JSON.stringify(environment)} });
    console.log(JSON.stringify([...loaded]));
    await telemetry.close();`;
  const child = spawn(process.execPath, ["-C", "source", "--input-type=module", "--eval", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  expect(JSON.parse(await text(child.stdout))).toEqual(expected);
});

function spanOf(collector: Collector, kind: number): CollectedSpan {
  const found = collector.spans().filter((span) => span.kind === kind);
  const [span] = found;
  if (found.length !== 1 || !span) throw new Error(`${found.length} spans of kind ${kind}`);
  return span;
}

/** Spans are sent as JSON, because the test can read JSON without OpenTelemetry's own code. */
function towards({ url }: Collector): Record<string, string> {
  return { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_PROTOCOL: "http/json", OTEL_SERVICE_NAME: "search" };
}

function fails(status: number): Answer {
  return ({ outgoing }) => sendJson(outgoing, { error: "no" }, {}, status);
}

function config(url: string): string {
  return `
model_list:
  - model_name: bge
    dheera_ai_params: { model: huggingface/BAAI/bge-reranker-base, api_base: "${url}", api_key: sk-upstream }
    model_info: { id: one }
general_settings: { master_key: sk-master }`;
}
