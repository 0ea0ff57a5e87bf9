import { setTimeout as sleep } from "node:timers/promises";

import type { Tracer } from "@opentelemetry/api";
import { setGlobalErrorHandler } from "@opentelemetry/core";
import { defaultResource, resourceFromAttributes } from "@opentelemetry/resources";
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ConsoleSpanExporter,
  ParentBasedSampler,
  type Sampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from "@opentelemetry/sdk-trace";

import type { Exporter, SamplerSettings, TraceSettings } from "./read-trace-settings.ts";

export interface OpenTracer {
  readonly tracer: Tracer;
  /** Sends the spans that have not been sent, if the collector takes them in time. */
  close(): Promise<void>;
}

/** Closing waits this long for a collector. */
const closeTimeoutMs = 3_000;

/** Only this function uses OpenTelemetry's SDK; its module is loaded only where traces are on. */
export async function openTracer(
  settings: TraceSettings,
  version: string,
  onError: (error: unknown) => void,
): Promise<OpenTracer> {
  setGlobalErrorHandler(onError);
  const exporters = await Promise.all(settings.exporters.map((name) => openExporter(name, settings)));
  const provider = new TracerProvider({
    resource: defaultResource().merge(resourceFromAttributes({ "service.version": version, ...settings.resource })),
    sampler: makeSampler(settings.sampler),
    spanProcessors: exporters.map((exporter) => new BatchSpanProcessor({ exporter, ...defined(settings.batching) })),
  });
  return {
    tracer: provider.getTracer("dheera-ai", version),
    close: () => Promise.race([provider.shutdown().catch(onError), sleep(closeTimeoutMs, undefined, { ref: false })]),
  };
}

async function openExporter(
  name: Exporter,
  { protocol, url, headers, timeoutMilliseconds }: TraceSettings,
): Promise<SpanExporter> {
  if (name === "console") return new ConsoleSpanExporter();
  const { OTLPTraceExporter } =
    protocol === "http/json"
      ? await import("@opentelemetry/exporter-trace-otlp-http")
      : await import("@opentelemetry/exporter-trace-otlp-proto");
  return new OTLPTraceExporter({
    url,
    headers,
    ...(timeoutMilliseconds !== undefined && { timeoutMillis: timeoutMilliseconds }),
  });
}

function makeSampler({ root, ratio, isParentBased }: SamplerSettings): Sampler {
  const sampler = samplers[root](ratio);
  return isParentBased ? new ParentBasedSampler({ root: sampler }) : sampler;
}

const samplers: Readonly<Record<SamplerSettings["root"], (ratio: number) => Sampler>> = {
  always_on: () => new AlwaysOnSampler(),
  always_off: () => new AlwaysOffSampler(),
  traceidratio: (ratio) => new TraceIdRatioBasedSampler(ratio),
};

function defined(numbers: Readonly<Record<string, number | undefined>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(numbers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
