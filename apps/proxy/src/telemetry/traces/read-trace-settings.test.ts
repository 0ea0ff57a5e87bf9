import fc from "fast-check";
import { expect, it } from "vitest";

import { readTraceSettings } from "./read-trace-settings.ts";

it("is off when no variable names an exporter or an endpoint", () => {
  expect(readTraceSettings({})).toBeUndefined();
  expect(readTraceSettings({ OTEL_SERVICE_NAME: "search", OTEL_EXPORTER_OTLP_ENDPOINT: " " })).toBeUndefined();
});

it.each([
  { OTEL_SDK_DISABLED: "true", OTEL_TRACES_EXPORTER: "otlp" },
  { OTEL_SDK_DISABLED: "TRUE", OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318" },
  { OTEL_TRACES_EXPORTER: "none", OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318" },
])("is off when switched off: %j", (environment) => {
  expect(readTraceSettings(environment, true)).toBeUndefined();
});

it("is on with the specification's defaults when asked for in another way", () => {
  expect(readTraceSettings({}, true)).toMatchObject({
    exporters: ["otlp"],
    protocol: "http/protobuf",
    url: "http://localhost:4318/v1/traces",
    headers: {},
    sampler: { root: "always_on", isParentBased: true },
    resource: { "service.name": "dheera-ai" },
    problems: [],
  });
});

it.each([
  { environment: { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318" }, url: "http://collector:4318/v1/traces" },
  { environment: { OTEL_EXPORTER_OTLP_ENDPOINT: "https://collector/otlp/" }, url: "https://collector/otlp/v1/traces" },
  { environment: { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://tempo:4318/push" }, url: "http://tempo:4318/push" },
  {
    environment: {
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318",
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://tempo/push",
    },
    url: "http://tempo/push",
  },
])("sends spans to $url", ({ environment, url }) => {
  expect(readTraceSettings(environment)?.url).toBe(url);
});

it("prefers the variables for traces to the general ones", () => {
  const general = {
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
    OTEL_EXPORTER_OTLP_HEADERS: "a=1",
    OTEL_EXPORTER_OTLP_TIMEOUT: "1000",
  };
  const own = {
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "http/json",
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: "b=2",
    OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: "2000",
  };
  expect(readTraceSettings(general, true)).toMatchObject({
    protocol: "http/protobuf",
    headers: { a: "1" },
    timeoutMilliseconds: 1000,
  });
  expect(readTraceSettings({ ...general, ...own }, true)).toMatchObject({
    protocol: "http/json",
    headers: { b: "2" },
    timeoutMilliseconds: 2000,
  });
});

it("reads any headers and attributes, percent-encoded", () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9.-]*$/);
  fc.assert(
    fc.property(fc.dictionary(name, fc.string()), (pairs) => {
      const text = Object.entries(pairs)
        .map(([key, value]) => `${key}=${encodeURIComponent(value)}`)
        .join(",");
      const settings = readTraceSettings({ OTEL_EXPORTER_OTLP_HEADERS: text, OTEL_RESOURCE_ATTRIBUTES: text }, true);
      expect(settings?.headers).toEqual(pairs);
      expect(settings?.resource).toEqual({ "service.name": "dheera-ai", ...pairs });
    }),
  );
});

it("takes OTEL_SERVICE_NAME for the name of the service, over everything else", () => {
  const environment = {
    OTEL_SERVICE_NAME: "search",
    OTEL_RESOURCE_ATTRIBUTES: "service.name=other,deployment.environment.name=production",
  };
  expect(readTraceSettings(environment, true)?.resource).toEqual({
    "service.name": "search",
    "deployment.environment.name": "production",
  });
});

it.each([
  { name: "always_off", sampler: { root: "always_off", isParentBased: false } },
  { name: "traceidratio", argument: "0.25", sampler: { root: "traceidratio", ratio: 0.25, isParentBased: false } },
  {
    name: "parentbased_traceidratio",
    argument: "0.1",
    sampler: { root: "traceidratio", ratio: 0.1, isParentBased: true },
  },
])("samples by $name", ({ name, argument, sampler }) => {
  const settings = readTraceSettings({ OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: argument }, true);
  expect(settings).toMatchObject({ sampler, problems: [] });
});

it.each([
  { environment: { OTEL_TRACES_SAMPLER: "often" }, problem: "OTEL_TRACES_SAMPLER: often" },
  {
    environment: { OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "7" },
    problem: "OTEL_TRACES_SAMPLER_ARG: 7",
  },
  { environment: { OTEL_TRACES_EXPORTER: "otlp,zipkin" }, problem: "OTEL_TRACES_EXPORTER: zipkin" },
  { environment: { OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }, problem: "OTEL_EXPORTER_OTLP_PROTOCOL: grpc" },
])("reports a setting that it cannot use and goes on: $problem", ({ environment, problem }) => {
  const settings = readTraceSettings(environment, true);
  expect(settings?.problems).toEqual([expect.stringContaining(problem)]);
  expect(settings).toMatchObject({ exporters: ["otlp"], protocol: "http/protobuf", sampler: { ratio: 1 } });
});

it("makes settings of any environment without failing", () => {
  const names = [
    "OTEL_TRACES_EXPORTER",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_HEADERS",
    "OTEL_EXPORTER_OTLP_PROTOCOL",
    "OTEL_EXPORTER_OTLP_TIMEOUT",
    "OTEL_TRACES_SAMPLER",
    "OTEL_TRACES_SAMPLER_ARG",
    "OTEL_RESOURCE_ATTRIBUTES",
    "OTEL_BSP_MAX_QUEUE_SIZE",
  ];
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...names), fc.string()), (environment) => {
      const settings = readTraceSettings(environment, true);
      if (settings) expect(settings.sampler.ratio).toBeGreaterThanOrEqual(0);
    }),
  );
});
