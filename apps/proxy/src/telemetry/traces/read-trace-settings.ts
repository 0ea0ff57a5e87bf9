import type { Environment } from "../../config/read/resolve-references.ts";

/** The settings for traces in the standard `OTEL_*` variables. */
export interface TraceSettings {
  readonly exporters: readonly Exporter[];
  readonly protocol: Protocol;
  /** Where spans are sent: `http://localhost:4318/v1/traces`. */
  readonly url: string;
  /** Sent with the spans; they hold keys. */
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMilliseconds: number | undefined;
  readonly sampler: SamplerSettings;
  /** Attributes of this process, such as its `service.name`. */
  readonly resource: Readonly<Record<string, string>>;
  /** Undefined where the SDK's default applies. */
  readonly batching: Readonly<
    Record<"scheduledDelayMillis" | "maxQueueSize" | "maxExportBatchSize", number | undefined>
  >;
  /** Messages about variables that could not be used, and what is used instead. */
  readonly problems: readonly string[];
}

export type Exporter = "otlp" | "console";
type Protocol = "http/protobuf" | "http/json";

export interface SamplerSettings {
  readonly root: "always_on" | "always_off" | "traceidratio";
  /** Share of traces, 0 to 1, for `traceidratio`. */
  readonly ratio: number;
  /** Whether a caller's decision counts for its requests. */
  readonly isParentBased: boolean;
}

/**
 * Traces are on as soon as an exporter or an endpoint is named.
 * @param isWanted Whether traces are on even when none is named.
 * @returns undefined when traces are off.
 */
export function readTraceSettings(environment: Environment, isWanted = false): TraceSettings | undefined {
  const read = (name: string): string | undefined => environment[name]?.trim() || undefined;
  const own = (name: string): string | undefined =>
    read(`OTEL_EXPORTER_OTLP_TRACES_${name}`) ?? read(`OTEL_EXPORTER_OTLP_${name}`);
  const isNamed = read("OTEL_TRACES_EXPORTER") !== undefined || own("ENDPOINT") !== undefined;
  if (read("OTEL_SDK_DISABLED")?.toLowerCase() === "true" || !(isNamed || isWanted)) return undefined;

  const problems: string[] = [];
  const exporters = readExporters(read("OTEL_TRACES_EXPORTER"), problems);
  if (exporters.length === 0) return undefined;
  return {
    exporters,
    protocol: readProtocol(own("PROTOCOL"), problems),
    url:
      read("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") ??
      tracesAt(read("OTEL_EXPORTER_OTLP_ENDPOINT") ?? "http://localhost:4318"),
    headers: readPairs(own("HEADERS")),
    timeoutMilliseconds: readWhole(own("TIMEOUT")),
    sampler: readSampler(read("OTEL_TRACES_SAMPLER"), read("OTEL_TRACES_SAMPLER_ARG"), problems),
    resource: {
      "service.name": "dheera-ai",
      ...readPairs(read("OTEL_RESOURCE_ATTRIBUTES")),
      ...readServiceName(read("OTEL_SERVICE_NAME")),
    },
    batching: {
      scheduledDelayMillis: readWhole(read("OTEL_BSP_SCHEDULE_DELAY")),
      maxQueueSize: readWhole(read("OTEL_BSP_MAX_QUEUE_SIZE")),
      maxExportBatchSize: readWhole(read("OTEL_BSP_MAX_EXPORT_BATCH_SIZE")),
    },
    problems,
  };
}

function readExporters(text: string | undefined, problems: string[]): readonly Exporter[] {
  const names = (text ?? "otlp").split(",").map((name) => name.trim().toLowerCase());
  return names.flatMap((name) => {
    if (name === "otlp" || name === "console") return [name];
    if (name !== "none")
      problems.push(`OTEL_TRACES_EXPORTER: ${name} is not known and left out; otlp, console and none are`);
    return [];
  });
}

function readProtocol(text: string | undefined, problems: string[]): Protocol {
  if (text === "http/json") return text;
  if (text !== undefined && text !== "http/protobuf")
    problems.push(
      `OTEL_EXPORTER_OTLP_PROTOCOL: ${text} is not supported; spans are sent as http/protobuf, whose port is usually 4318`,
    );
  return "http/protobuf";
}

/** The general endpoint is a base URL, unlike the one for traces. */
function tracesAt(endpoint: string): string {
  return `${endpoint.replace(/\/+$/, "")}/v1/traces`;
}

function readSampler(text: string | undefined, argument: string | undefined, problems: string[]): SamplerSettings {
  const [, parent, root] = /^(parentbased_)?(always_on|always_off|traceidratio)$/.exec(text ?? defaultSampler) ?? [];
  if (root !== "always_on" && root !== "always_off" && root !== "traceidratio") {
    problems.push(`OTEL_TRACES_SAMPLER: ${text} is not known; ${defaultSampler} is used`);
    return { root: "always_on", ratio: 1, isParentBased: true };
  }
  const ratio = Number(argument ?? 1);
  const isShare = ratio >= 0 && ratio <= 1;
  if (root === "traceidratio" && !isShare)
    problems.push(`OTEL_TRACES_SAMPLER_ARG: ${argument} is not a number from 0 to 1; 1 is used`);
  return { root, ratio: isShare ? ratio : 1, isParentBased: parent !== undefined };
}

const defaultSampler = "parentbased_always_on";

/** Reads `name=value,name=value`, percent-encoded. Other parts are left out, as the specification says. */
function readPairs(text: string | undefined): Record<string, string> {
  const pairs = (text ?? "").split(",").flatMap((pair) => {
    const [, name, value] = /^\s*([^=]+?)\s*=\s*(.*?)\s*$/.exec(pair) ?? [];
    return name === undefined || value === undefined ? [] : [[decode(name), decode(value)] as const];
  });
  return Object.fromEntries(pairs);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function readServiceName(name: string | undefined): Record<string, string> {
  return name === undefined ? {} : { "service.name": name };
}

function readWhole(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) && Number(text) > 0 ? Number(text) : undefined;
}
