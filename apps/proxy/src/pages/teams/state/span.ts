/** A part of the time that charts show as one bar. */
export interface Bucket {
  /** First and last day, `2026-11-27`. */
  readonly from: string;
  readonly to: string;
  /** What people call it: `27 Nov`, `Week from 23 Nov`, `Nov 2026`. */
  readonly label: string;
}

/** The times that can be looked at, with what they are called. */
export const spans = {
  "7d": "7 days",
  "30d": "30 days",
  "90d": "13 weeks",
  "1y": "12 months",
} as const satisfies Record<string, string>;
export type SpanName = keyof typeof spans;

export function spanNamed(name: string | undefined): SpanName {
  return name !== undefined && Object.hasOwn(spans, name) && isSpan(name) ? name : "30d";
}

function isSpan(name: string): name is SpanName {
  return name in spans;
}

/**
 * The bars of a time that ends today: days, weeks from Monday, or calendar months, because a year of days has more bars
 * than a phone has room for.
 * @param now milliseconds since the epoch
 */
export function bucketsOf(name: SpanName, now: number): readonly Bucket[] {
  const today = startOfDay(now);
  if (name === "1y") return months(today);
  if (name === "90d") return weeks(today);
  return days(today, name === "7d" ? 7 : 30);
}

const dayMilliseconds = 86_400_000;

function days(today: number, count: number): readonly Bucket[] {
  return Array.from({ length: count }, (_, index) => {
    const day = today - (count - 1 - index) * dayMilliseconds;
    return { from: isoDay(day), to: isoDay(day), label: dayLabel(day) };
  });
}

function weeks(today: number): readonly Bucket[] {
  const daysSinceMonday = (new Date(today).getUTCDay() + 6) % 7;
  const monday = today - daysSinceMonday * dayMilliseconds;
  return Array.from({ length: 13 }, (_, index) => {
    const start = monday - (12 - index) * 7 * dayMilliseconds;
    const end = Math.min(today, start + 6 * dayMilliseconds);
    return { from: isoDay(start), to: isoDay(end), label: `Week from ${dayLabel(start)}` };
  });
}

function months(today: number): readonly Bucket[] {
  const now = new Date(today);
  return Array.from({ length: 12 }, (_, index) => {
    const month = now.getUTCMonth() - 11 + index;
    const start = Date.UTC(now.getUTCFullYear(), month, 1);
    const end = Math.min(today, Date.UTC(now.getUTCFullYear(), month + 1, 0));
    return { from: isoDay(start), to: isoDay(end), label: monthLabel(start) };
  });
}

function startOfDay(time: number): number {
  return Math.floor(time / dayMilliseconds) * dayMilliseconds;
}

function isoDay(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

function dayLabel(time: number): string {
  return new Date(time).toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
}

function monthLabel(time: number): string {
  return new Date(time).toLocaleDateString("en-GB", { month: "short", year: "numeric", timeZone: "UTC" });
}
