import type { Path } from "./path.ts";
import { type DataRecord, isRecord, setIn } from "./record.ts";

/** A value of LiteLLM that means something else here, or nothing. */
export interface ReplacedValue {
  readonly path: Path;
  readonly message: string;
}

/** The same data with values that this proxy has, and what was replaced. */
export function adoptLiteLlmValues(data: DataRecord): {
  readonly data: DataRecord;
  readonly replaced: readonly ReplacedValue[];
} {
  const replaced: ReplacedValue[] = [];
  let adopted = data;
  for (const { path, adopt } of adoptions) {
    const value = valueAt(data, path);
    const result = value === undefined ? undefined : adopt(value);
    if (result === undefined) continue;
    adopted = setIn(adopted, path, result.value);
    replaced.push(...result.messages.map((message) => ({ path, message })));
  }
  return { data: adopted, replaced };
}

interface Adoption {
  readonly path: Path;
  /** Undefined where the value can stay. */
  readonly adopt: (value: unknown) => { readonly value: unknown; readonly messages: readonly string[] } | undefined;
}

const adoptions: readonly Adoption[] = [
  { path: ["dheera_ai_settings", "cache_params", "type"], adopt: adoptCacheType },
  { path: ["dheera_ai_settings", "callbacks"], adopt: adoptCallbacks },
  { path: ["router_settings", "routing_strategy"], adopt: adoptStrategy },
];

const otherCaches: ReadonlySet<unknown> = new Set([
  "redis-semantic",
  "valkey-semantic",
  "qdrant-semantic",
  "s3",
  "gcs",
  "azure-blob",
  "disk",
]);

function adoptCacheType(value: unknown): ReturnType<Adoption["adopt"]> {
  if (!otherCaches.has(value)) return undefined;
  return {
    value: "local",
    messages: [
      `has no cache of the type ${String(value)} here; scores are remembered in memory (there are local, redis)`,
    ],
  };
}

const knownCallbacks: ReadonlySet<unknown> = new Set(["prometheus", "otel"]);

/** LiteLLM takes one name in place of a list, and names of Python objects: `module.instance`. */
function adoptCallbacks(value: unknown): ReturnType<Adoption["adopt"]> {
  const names: readonly unknown[] = Array.isArray(value) ? value : [value];
  const others = names.filter((name) => !knownCallbacks.has(name));
  if (others.length === 0 && Array.isArray(value)) return undefined;
  return {
    value: names.filter((name) => knownCallbacks.has(name)),
    messages: others.map(
      (name) =>
        `has ${typeof name === "string" ? name : "a map"}, which has no effect here (there are prometheus, otel)`,
    ),
  };
}

/** LiteLLM also spreads requests by tokens or budget. None of them exists here. */
const otherStrategies: ReadonlySet<unknown> = new Set([
  "usage-based-routing",
  "usage-based-routing-v2",
  "provider-budget-routing",
]);

function adoptStrategy(value: unknown): ReturnType<Adoption["adopt"]> {
  if (!otherStrategies.has(value)) return undefined;
  return { value: "simple-shuffle", messages: [`${String(value)} does not exist here; it means simple-shuffle`] };
}

function valueAt(data: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, step) => (isRecord(value) ? value[String(step)] : undefined), data);
}
