import { expect, it } from "vitest";

import { todayIn, zoneNamed, zonesOffered } from "./time-zone.ts";

it("knows the day that clocks of a zone show", () => {
  const late = Date.UTC(2026, 10, 27, 20);
  expect(new Date(todayIn("UTC", late)).toISOString()).toBe("2026-11-27T00:00:00.000Z");
  expect(new Date(todayIn("Asia/Tokyo", late)).toISOString()).toBe("2026-11-28T00:00:00.000Z");
  expect(new Date(todayIn("America/New_York", Date.UTC(2026, 0, 1, 3))).toISOString()).toBe("2025-12-31T00:00:00.000Z");
});

it("takes what is no zone for UTC, and offers each zone once", () => {
  expect([zoneNamed("Europe/Berlin"), zoneNamed("Mars/Olympus"), zoneNamed(undefined)]).toEqual([
    "Europe/Berlin",
    "UTC",
    "UTC",
  ]);
  expect(zonesOffered("Europe/Berlin", "Europe/Berlin")).toEqual(["UTC", "Europe/Berlin"]);
  expect(zonesOffered("UTC", "UTC")).toEqual(["UTC"]);
});
