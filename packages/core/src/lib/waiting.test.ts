import { setImmediate as turn } from "node:timers/promises";

import { describe, expect, it } from "vitest";

import { yieldToEventLoop } from "./waiting.ts";

describe("yieldToEventLoop", () => {
  it("lets one large step go on in each turn of the event loop, in the order they came", async () => {
    const begun: number[] = [];
    const steps = [0, 1, 2, 3].map((step) => yieldToEventLoop().then(() => begun.push(step)));
    const begunByTurn: number[] = [];
    for (let turns = 0; turns < 4; turns++) {
      await turn();
      begunByTurn.push(begun.length);
    }
    await Promise.all(steps);
    expect(begun).toEqual([0, 1, 2, 3]);
    expect(begunByTurn).toEqual([1, 2, 3, 4]);
  });
});
