import { measureJson } from "@dheera-ai/core/provider-utils";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { JsonMeter } from "./json-meter.ts";

const most = { values: 1_000_000, depth: 1_000_000 };

describe("JsonMeter", () => {
  it("counts what measureJson does, wherever the text is cut", () => {
    const text = fc.oneof(
      fc.json(),
      fc.string({
        unit: fc.constantFrom('"', "\\", "[", "]", "{", "}", ",", "ä", "…", "x".repeat(40)),
        maxLength: 200,
      }),
    );
    const cuts = fc.array(fc.nat({ max: 400 }), { maxLength: 10 });
    fc.assert(
      fc.property(text, cuts, (json, places) => {
        const meter = new JsonMeter(most);
        for (const piece of cut(Buffer.from(json), places)) meter.add(piece);
        expect(measureJson(json, most)).toMatchObject(meter.size);
      }),
      { numRuns: 5_000 },
    );
  });

  it("remembers over a piece of no bytes that the next byte is escaped", () => {
    const meter = new JsonMeter(most);
    for (const piece of ['["\\', "", '"[,"]']) meter.add(Buffer.from(piece));
    expect(meter.size).toEqual({ values: 2, depth: 1 });
  });

  it.each([
    ["values", `[${"1,".repeat(20)}`, { values: 10, depth: 5 }],
    ["levels", "[".repeat(20), { values: 50, depth: 5 }],
  ])("says when there are too many %s", (_, text, bounds) => {
    const meter = new JsonMeter(bounds);
    meter.add(Buffer.from(text.slice(0, 4)));
    expect(meter.isBeyondMost).toBe(false);
    meter.add(Buffer.from(text.slice(4)));
    expect(meter.isBeyondMost).toBe(true);
  });
});

function cut(bytes: Uint8Array, places: readonly number[]): readonly Uint8Array[] {
  const ends = [...places.map((place) => Math.min(place, bytes.length)), bytes.length].toSorted((a, b) => a - b);
  return ends.map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end));
}
