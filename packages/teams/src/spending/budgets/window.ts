import type { Budget } from "../../owners.ts";

/** A time of a budget, in milliseconds since the epoch: from `start` on, until before `end`. */
export interface Window {
  /** 0 for budgets without a duration. */
  readonly start: number;
  readonly end: number;
}

type Unit = "s" | "m" | "h" | "d" | "w" | "mo";

const milliseconds = { s: 1_000, m: 60_000, h: 3_600_000 };
const day = 86_400_000;
const forever: Window = { start: 0, end: Number.POSITIVE_INFINITY };

/**
 * The time of a budget that holds `at`. Seconds, minutes and hours are counted from `since`; days begin at midnight and are counted
 * from the day of `since`; weeks begin on Monday; months on their first: all three by the clocks of the budget's time zone.
 * @throws RangeError for a duration or time zone that is none
 */
export function windowOf(budget: Pick<Budget, "duration" | "timeZone" | "since">, at: number): Window {
  if (budget.duration === undefined) return forever;
  const { count, unit } = parseDuration(budget.duration);
  if (unit === "s" || unit === "m" || unit === "h") {
    const length = count * milliseconds[unit];
    const start = budget.since + Math.floor((at - budget.since) / length) * length;
    return { start, end: start + length };
  }
  const zone = budget.timeZone ?? "UTC";
  const first = dayOf(budget.since, zone);
  const today = dayOf(at, zone);
  if (unit === "mo") {
    const start = monthOf(first) + Math.floor((monthOf(today) - monthOf(first)) / count) * count;
    return { start: startOfDay(firstOf(start), zone), end: startOfDay(firstOf(start + count), zone) };
  }
  const length = unit === "w" ? 7 * count : count;
  const origin = unit === "w" ? mondayOf(first) : first;
  const start = origin + Math.floor((today - origin) / length) * length;
  return { start: startOfDay(start, zone), end: startOfDay(start + length, zone) };
}

/**
 * `30s`, `15m`, `24h`, `30d`, `2w`, `1mo`.
 * @throws RangeError saying so
 */
export function parseDuration(text: string): { readonly count: number; readonly unit: Unit } {
  const [, digits, unit] = /^([1-9]\d{0,5})(s|m|h|d|w|mo)$/.exec(text) ?? [];
  if (digits === undefined || !isUnit(unit))
    throw new RangeError("a duration must be a whole number and s, m, h, d, w or mo, such as 24h, 30d or 1mo");
  return { count: Number(digits), unit };
}

/**
 * Milliseconds of a duration, in which a month has 31 days.
 * @throws RangeError for what is none
 */
export function lengthOf(duration: string): number {
  const { count, unit } = parseDuration(duration);
  if (unit === "s" || unit === "m" || unit === "h") return count * milliseconds[unit];
  return count * day * (unit === "mo" ? 31 : unit === "w" ? 7 : 1);
}

function isUnit(unit: string | undefined): unit is Unit {
  return unit !== undefined && ["s", "m", "h", "d", "w", "mo"].includes(unit);
}

/** Days since 1970-01-01 of the date that clocks show. */
function dayOf(at: number, zone: string): number {
  return Math.floor((at + offsetAt(at, zone)) / day);
}

/** The first moment of a day: not always 00:00, which some days in which clocks are put forward do not have. */
function startOfDay(wanted: number, zone: string): number {
  let early = wanted * day - 36 * milliseconds.h;
  let late = wanted * day + 36 * milliseconds.h;
  const offset = offsetAt(wanted * day, zone);
  // Nearly always the answer itself: the day begins here, and a millisecond before it is another.
  const guess = wanted * day - offset;
  if (dayOf(guess, zone) >= wanted && dayOf(guess - 1, zone) < wanted) return guess;
  while (late - early > 1) {
    const middle = Math.floor((early + late) / 2);
    if (dayOf(middle, zone) >= wanted) late = middle;
    else early = middle;
  }
  return late;
}

/** Months since January of year 0. */
function monthOf(days: number): number {
  const date = new Date(days * day);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

function firstOf(month: number): number {
  return Date.UTC(Math.floor(month / 12), month - Math.floor(month / 12) * 12) / day;
}

/** 1970-01-01 was a Thursday. */
function mondayOf(days: number): number {
  return days - ((((days + 3) % 7) + 7) % 7);
}

const formats = new Map<string, Intl.DateTimeFormat>();
const mostFormats = 600;

/** What clocks of a zone are ahead of UTC, in milliseconds. */
function offsetAt(at: number, zone: string): number {
  if (zone === "UTC") return 0;
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      calendar: "iso8601",
      hourCycle: "h23",
      era: "short",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    if (formats.size >= mostFormats) formats.clear();
    formats.set(zone, format);
  }
  const shown: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(at)) shown[type] = Number(value);
  const { year = 0, month = 1, day: date = 1, hour = 0, minute = 0, second = 0 } = shown;
  return Date.UTC(year, month - 1, date, hour, minute, second) - Math.floor(at / 1_000) * 1_000;
}
