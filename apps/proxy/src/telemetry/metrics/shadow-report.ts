import { prefix } from "./metric-names.ts";

/** What two models said to the same requests, since the processes were started. */
export interface ComparedModels {
  readonly model: string;
  readonly shadow: string;
  /** Requests that both have ranked. */
  readonly compared: number;
  /** Of the second model, by error code. */
  readonly failed: Readonly<Record<string, number>>;
  /** By the limit that they would have passed. */
  readonly dropped: Readonly<Record<string, number>>;
  /** Means over the compared requests; absent before the first. */
  readonly overlap?: number;
  readonly kendall_tau?: number;
  /** Means over the requests of which no score was known before. */
  readonly latency_ms?: { readonly served: number; readonly shadow: number };
  /** US dollars of the compared requests, as far as they are known. */
  readonly cost?: { readonly served?: number; readonly shadow?: number };
}

/**
 * Sums up a page of Prometheus, which holds the figures of every worker.
 * @param page in its text format
 */
export function shadowReport(page: string): readonly ComparedModels[] {
  const samples = page.split("\n").flatMap(readSample);
  const pairs = Map.groupBy(samples, ({ labels }) =>
    JSON.stringify([labels.get("requested_model"), labels.get("shadow_model")]),
  );
  return [...pairs.values()].map(sumUp);
}

function sumUp(samples: readonly Sample[]): ComparedModels {
  const labels = samples[0]?.labels;
  const counts = samples.filter(({ name }) => name === "shadow_requests_total");
  const byReason = (outcome: string): Readonly<Record<string, number>> =>
    Object.fromEntries(
      counts
        .filter((sample) => sample.labels.get("outcome") === outcome)
        .map((sample) => [sample.labels.get("reason") ?? "", sample.value]),
    );
  const sum = (name: string, side?: string): number | undefined =>
    samples.find((sample) => sample.name === name && sample.labels.get("side") === side)?.value;
  const mean = (name: string, side?: string): number | undefined => {
    const count = sum(`${name}_count`, side);
    return count ? (sum(`${name}_sum`, side) ?? 0) / count : undefined;
  };
  const [overlap, tau] = [mean("shadow_overlap"), mean("shadow_kendall_tau")];
  const [served, shadow] = ["served", "shadow"].map((side) => mean("shadow_latency_seconds", side));
  const [paid, paidToo] = ["served", "shadow"].map((side) => sum("shadow_cost_total", side));
  return {
    model: labels?.get("requested_model") ?? "",
    shadow: labels?.get("shadow_model") ?? "",
    compared: byReason("compared")["none"] ?? 0,
    failed: byReason("failed"),
    dropped: byReason("dropped"),
    ...(overlap !== undefined && { overlap }),
    ...(tau !== undefined && { kendall_tau: tau }),
    ...(served !== undefined &&
      shadow !== undefined && { latency_ms: { served: served * 1000, shadow: shadow * 1000 } }),
    ...((paid ?? paidToo) !== undefined && {
      cost: { ...(paid !== undefined && { served: paid }), ...(paidToo !== undefined && { shadow: paidToo }) },
    }),
  };
}

interface Sample {
  /** Without the prefix. */
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

/** One line; nothing for one that is not about shadows. Parts of histograms by bucket are left out. */
function readSample(line: string): readonly Sample[] {
  if (!line.startsWith(`${prefix}shadow_`)) return [];
  const [, name = "", labels = "", value = ""] = /^(\w+)\{(.*)\} (\S+)$/.exec(line) ?? [];
  if (name === "" || name.endsWith("_bucket")) return [];
  const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(
    ([, label = "", text = ""]) => [label, unescaped(text)] as const,
  );
  return [{ name: name.slice(prefix.length), labels: new Map(pairs), value: Number(value) }];
}

/** As Prometheus's text format writes the values of labels. */
function unescaped(text: string): string {
  return text.replaceAll(/\\(.)/g, (_, character: string) => (character === "n" ? "\n" : character));
}
