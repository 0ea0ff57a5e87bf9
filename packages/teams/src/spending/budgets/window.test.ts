/// <reference lib="esnext.temporal" />
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { parseDuration, windowOf } from "./window.ts";

const since = Date.UTC(2026, 0, 31, 15, 30);

describe("a time of a budget", () => {
  it.each([
    ["no duration", undefined, "UTC", "2026-11-27T12:00Z", "1970-01-01T00:00Z", undefined],
    ["seconds from since", "30s", "UTC", "2026-01-31T15:30:59.999Z", "2026-01-31T15:30:30Z", "2026-01-31T15:31Z"],
    ["hours from since", "24h", "UTC", "2026-02-02T12:00Z", "2026-02-01T15:30Z", "2026-02-02T15:30Z"],
    ["days from midnight", "1d", "UTC", "2026-11-27T23:59:59.999Z", "2026-11-27T00:00Z", "2026-11-28T00:00Z"],
    ["days of a time zone", "1d", "Asia/Kolkata", "2026-11-27T18:29Z", "2026-11-26T18:30Z", "2026-11-27T18:30Z"],
    ["30 days from the day of since", "30d", "UTC", "2026-03-02T00:00Z", "2026-03-02T00:00Z", "2026-04-01T00:00Z"],
    ["weeks from Monday", "1w", "UTC", "2026-11-27T12:00Z", "2026-11-23T00:00Z", "2026-11-30T00:00Z"],
    ["a day of 23 hours", "1d", "Europe/Berlin", "2026-03-29T12:00Z", "2026-03-28T23:00Z", "2026-03-29T22:00Z"],
    ["a day of 25 hours", "1d", "Europe/Berlin", "2026-10-25T12:00Z", "2026-10-24T22:00Z", "2026-10-25T23:00Z"],
    ["a day without midnight", "1d", "Africa/Cairo", "2026-04-24T12:00Z", "2026-04-23T22:00Z", "2026-04-24T21:00Z"],
    ["a day that was left out", "1d", "Pacific/Apia", "2011-12-30T12:00Z", "2011-12-30T10:00Z", "2011-12-31T10:00Z"],
    ["February", "1mo", "UTC", "2028-02-29T12:00Z", "2028-02-01T00:00Z", "2028-03-01T00:00Z"],
    ["months of a time zone", "1mo", "America/New_York", "2026-03-01T04:59Z", "2026-02-01T05:00Z", "2026-03-01T05:00Z"],
    ["quarters from the month of since", "3mo", "UTC", "2026-12-31T23:59Z", "2026-10-01T00:00Z", "2027-01-01T00:00Z"],
    ["before since", "1mo", "UTC", "2025-12-31T23:59Z", "2025-12-01T00:00Z", "2026-01-01T00:00Z"],
  ])("is right for %s", (_, duration, timeZone, at, start, end) => {
    const found = windowOf({ since, timeZone, ...(duration === undefined ? {} : { duration }) }, Date.parse(at));
    expect(new Date(found.start).toISOString()).toBe(new Date(start).toISOString());
    if (end === undefined) expect(found.end).toBe(Number.POSITIVE_INFINITY);
    else expect(new Date(found.end).toISOString()).toBe(new Date(end).toISOString());
  });

  it("begins and ends where the clocks of its zone say, as Temporal reads them", () => {
    fc.assert(
      fc.property(
        moments,
        zones,
        fc.integer({ min: 1, max: 40 }),
        fc.constantFrom("d", "w", "mo"),
        (at, timeZone, count, unit) => {
          const { start, end } = windowOf({ since, timeZone, duration: `${count}${unit}` }, at);
          const begins = Temporal.Instant.fromEpochMilliseconds(start).toZonedDateTimeISO(timeZone);
          expect(begins.epochMilliseconds).toBe(begins.startOfDay().epochMilliseconds);
          const length = unit === "d" ? { days: count } : unit === "w" ? { weeks: count } : { months: count };
          const ends = Temporal.Instant.fromEpochMilliseconds(end).toZonedDateTimeISO(timeZone);
          const next = begins.toPlainDate().add(length).toZonedDateTime(timeZone);
          const previous = ends.toPlainDate().subtract(length).toZonedDateTime(timeZone);
          // The first day of a time may be one that its zone left out: 1994-12-31 in Kiritimati, 2011-12-30 in Apia.
          expect([next.epochMilliseconds === end, previous.epochMilliseconds === start]).toContain(true);
          if (unit === "w") expect(begins.dayOfWeek).toBe(1);
          if (unit === "mo") expect(begins.day).toBe(1);
        },
      ),
      {
        numRuns: 500,
        examples: [
          ...leftOut("Pacific/Kiritimati", Date.UTC(1995, 0, 2)),
          ...leftOut("Pacific/Apia", Date.UTC(2011, 11, 31)),
        ],
      },
    );
  });

  it("holds the moment it is asked for, and is the same for every moment that it holds", () => {
    const durations = fc.tuple(fc.integer({ min: 1, max: 999 }), fc.constantFrom("s", "m", "h", "d", "w", "mo"));
    fc.assert(
      fc.property(
        moments,
        moments,
        zones,
        durations,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (at, began, timeZone, [count, unit], part) => {
          const budget = { since: began, timeZone, duration: `${count}${unit}` };
          const window = windowOf(budget, at);
          expect(window.start <= at && at < window.end).toBe(true);
          const other = Math.min(window.end - 1, window.start + Math.floor(part * (window.end - window.start)));
          expect(windowOf(budget, other)).toEqual(window);
          expect(windowOf(budget, window.end).start).toBe(window.end);
          expect(windowOf(budget, window.start - 1).end).toBe(window.start);
        },
      ),
      { numRuns: 500 },
    );
  });
});

it.each(["", "d", "0d", "-1d", "1.5h", "1 d", "30days", "1y", "1e3s", "10000000s", "1D", "٣d"])(
  "refuses %j as a duration, and says what one is",
  (text) => {
    expect(() => parseDuration(text)).toThrow("a duration must be a whole number and s, m, h, d, w or mo");
  },
);

/** Times around a day that clocks of a zone have left out. */
function leftOut<const Zone>(zone: Zone, at: number): [number, Zone, number, "d"][] {
  return Array.from({ length: 40 }, (_, index) => [at, zone, index + 1, "d"]);
}

const moments = fc.integer({ min: Date.UTC(1995, 0), max: Date.UTC(2060, 0) });
const zones = fc.constantFrom(
  "UTC",
  "Europe/Berlin",
  "America/New_York",
  "America/Sao_Paulo",
  "America/St_Johns",
  "Asia/Kolkata",
  "Asia/Beirut",
  "Africa/Cairo",
  "Africa/Casablanca",
  "Australia/Lord_Howe",
  "Pacific/Apia",
  "Pacific/Kiritimati",
  "Antarctica/Troll",
);
