import { setImmediate as nextRound } from "node:timers/promises";

import { describe, expect, it } from "vitest";

import { largeBodyTurn, sharedTurn } from "./body-turns.ts";

describe("the turns of bodies", () => {
  it("are shared by 500 kB in one round of the event loop, in the order of arrival", async () => {
    const begun: number[] = [];
    const begin = async (body: number): Promise<void> => {
      const turn = sharedTurn(100_000);
      if (turn) await turn;
      begun.push(body);
    };
    for (let body = 0; body < 12; body++) void begin(body);
    expect(begun).toEqual([0, 1, 2, 3, 4]);
    await nextRound();
    expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    void begin(12);
    expect(begun).toHaveLength(10);
    await nextRound();
    expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    await nextRound();
  });

  it("are had at once where nobody waits, however long ago the last one was", async () => {
    await nextRound();
    for (let round = 0; round < 3; round++) {
      expect(sharedTurn(400_000)).toBeUndefined();
      await nextRound();
      await nextRound();
    }
  });

  it("let the event loop go around between two large bodies", async () => {
    const events: string[] = [];
    const body = async (name: string): Promise<void> => {
      await largeBodyTurn();
      events.push(name);
    };
    const bodies = Promise.all([body("first"), body("second")]);
    const rounds = (async (): Promise<void> => {
      while (!events.includes("second")) {
        await nextRound();
        events.push("round");
      }
    })();
    await Promise.all([bodies, rounds]);
    expect(events.slice(events.indexOf("first"), events.indexOf("second"))).toEqual(["first", "round"]);
  });
});
