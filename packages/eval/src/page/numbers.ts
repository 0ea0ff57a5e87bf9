import type { Interval } from "../report/eval-report.ts";

// Numbers as people read them.

/** A measure, 0 to 1. */
export function quality(value: number | undefined): string {
  return value === undefined || !Number.isFinite(value) ? "–" : value.toFixed(4);
}

export function interval(bounds: Interval | undefined): string {
  return bounds === undefined ? "" : `${bounds[0].toFixed(3)} to ${bounds[1].toFixed(3)}`;
}

/** With its sign; a minus that is as wide as the plus. */
export function difference(value: number): string {
  const digits = Math.abs(value).toFixed(4);
  if (Number(digits) === 0) return "±0.0000";
  return `${value < 0 ? "−" : "+"}${digits}`;
}

export function differenceInterval([low, high]: Interval): string {
  return `${difference(low)} to ${difference(high)}`;
}

export function probability(value: number): string {
  return value < 0.001 ? "p < 0.001" : `p = ${value.toFixed(3)}`;
}

export function count(value: number): string {
  return whole.format(value);
}

// Made once: making one takes longer than all that it writes.
const whole = new Intl.NumberFormat("en");
const threeDigits = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });

/** `1 query`, `40 queries`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** US dollars, with enough digits to see what is small. */
export function dollars(value: number): string {
  if (value === 0) return "$0";
  return `$${significant(value)}`;
}

export function milliseconds(value: number): string {
  return `${significant(value)} ms`;
}

export function percent(part: number): string {
  return `${(100 * part).toFixed(1)} %`;
}

/** Three digits that count, and all before the point. */
export function significant(value: number): string {
  return Math.abs(value) >= 100 ? whole.format(Math.round(value)) : threeDigits.format(value);
}

/** `ndcg@10` is `nDCG@10`. */
export function measureName(metric: string): string {
  const [name = "", ...rest] = metric.split("@");
  return [names[name] ?? name, ...rest].join("@");
}

const names: Readonly<Record<string, string>> = {
  ndcg: "nDCG",
  mrr: "MRR",
  map: "MAP",
  recall: "Recall",
  precision: "Precision",
  p: "P",
};

/** `27 November 2026, 03:40 UTC`; what is no date as it is. */
export function date(iso: string): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  const day = time.toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
  return `${day}, ${time.toISOString().slice(11, 16)} UTC`;
}
