import { windowOf } from "../budgets/window.ts";

/** One day by the clocks of a time zone. */
export interface ZonedDay {
  /** `2026-11-27` */
  readonly day: string;
  /** Milliseconds since the epoch: its first moment, and that of the day after it. */
  readonly from: number;
  readonly to: number;
}

const hours = 3_600_000;

/**
 * The days from one to another, both included; a day that a zone left out is not among them.
 * @param timeZone an IANA name, or `+05:30`
 * @throws RangeError for a zone that is none
 */
export function daysOfZone(timeZone: string, first: string, last: string): readonly ZonedDay[] {
  const days: ZonedDay[] = [];
  const end = Date.parse(last) + 36 * hours;
  // No clock is farther from UTC than half a day and some hours.
  for (let at = Date.parse(first) - 36 * hours; at < end;) {
    const { start, end: next } = windowOf({ duration: "1d", timeZone, since: at }, at);
    const day = dayAt(start, timeZone);
    if (day >= first && day <= last) days.push({ day, from: start, to: next });
    at = next;
  }
  return days;
}

/** The day that clocks of a zone show. */
export function dayAt(at: number, timeZone: string): string {
  const shown = new Intl.DateTimeFormat("en-US", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" });
  const parts = new Map(shown.formatToParts(at).map(({ type, value }) => [type, value]));
  return `${parts.get("year")}-${parts.get("month")}-${parts.get("day")}`;
}
