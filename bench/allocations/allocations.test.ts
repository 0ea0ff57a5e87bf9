import { describe, expect, it } from "vitest";

import { measureAllocations } from "./measure.ts";
import { places } from "./places.ts";
import { asRecorded, compareWithRecorded, readRecorded } from "./recorded.ts";

describe("a request", () => {
  const recorded = readRecorded().at(-1);

  it.each(places)("allocates what is recorded: $name", async (place) => {
    const bytes = await measureAllocations(place);
    expect(compareWithRecorded(place.name, bytes, recorded?.bytes[place.name])).toBe(asRecorded);
  });
});

describe("compareWithRecorded", () => {
  it("takes a difference of a tenth either way", () => {
    expect(compareWithRecorded("core", 109, 100)).toBe(asRecorded);
    expect(compareWithRecorded("core", 91, 100)).toBe(asRecorded);
  });

  it("says what to do about more and about less", () => {
    expect(compareWithRecorded("core", 111, 100)).toMatch(
      /^core: a request allocates 111 bytes, and 100 are recorded \(\+11\.0 %\)\. Find out .* make it less, or record it with the reason: node -C source bench\/allocations\/main\.ts --record "<reason>"$/,
    );
    expect(compareWithRecorded("core", 89, 100)).toMatch(
      /\(-11\.0 %\)\. Record the lower figure, so that it stays: node /,
    );
  });

  it("wants a figure for every place", () => {
    expect(compareWithRecorded("core", 100, undefined)).toContain("core has no recorded figure");
  });
});
