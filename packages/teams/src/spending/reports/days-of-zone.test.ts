import { expect, it } from "vitest";

import { dayAt, daysOfZone } from "./days-of-zone.ts";

const hours = 3_600_000;

it("begins and ends days by the clocks of a zone, also those that are an hour shorter or longer", () => {
  const berlin = daysOfZone("Europe/Berlin", "2026-03-28", "2026-03-30");
  expect(berlin.map(({ day, from, to }) => [day, new Date(from).toISOString(), (to - from) / hours])).toEqual([
    ["2026-03-28", "2026-03-27T23:00:00.000Z", 24],
    ["2026-03-29", "2026-03-28T23:00:00.000Z", 23],
    ["2026-03-30", "2026-03-29T22:00:00.000Z", 24],
  ]);
  expect(daysOfZone("America/New_York", "2026-11-01", "2026-11-01").map(({ from, to }) => (to - from) / hours)).toEqual(
    [25],
  );
});

it.each(["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kolkata", "+05:30", "-03:00"])(
  "has each day of %s once, without a gap",
  (zone) => {
    const days = daysOfZone(zone, "2026-01-01", "2026-12-31");
    expect(days).toHaveLength(365);
    for (const [index, { day, from, to }] of days.entries()) {
      expect(dayAt(from, zone)).toBe(day);
      expect(dayAt(to - 1, zone)).toBe(day);
      if (index > 0) expect(from).toBe(days[index - 1]?.to);
    }
  },
);

it("leaves out a day that a zone left out", () => {
  const days = daysOfZone("Pacific/Apia", "2011-12-28", "2012-01-01").map(({ day }) => day);
  expect(days).toEqual(["2011-12-28", "2011-12-29", "2011-12-31", "2012-01-01"]);
});
