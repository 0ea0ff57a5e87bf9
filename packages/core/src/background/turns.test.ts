import { expect, it, onTestFinished, vi } from "vitest";

import { backgroundTurn, othersAreHere } from "./turns.ts";

/** Others' work in the turn of the event loop that runs. */
function keepBusy(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}

it("does not rest where nobody else is here, however busy the process is", async () => {
  const timers = vi.spyOn(globalThis, "setTimeout");
  onTestFinished(() => timers.mockRestore());
  const turn = backgroundTurn();
  keepBusy(20);
  await turn;
  expect(timers).not.toHaveBeenCalled();
});

it("rests as long as others kept the event loop busy", async () => {
  othersAreHere();
  const began = performance.now();
  const turn = backgroundTurn();
  keepBusy(20);
  await turn;
  // Timers may be a millisecond early.
  expect(performance.now() - began).toBeGreaterThanOrEqual(38);
});

it("takes one step of many in a turn of the event loop beside others, in order", async () => {
  othersAreHere();
  const log: number[] = [];
  const steps = Array.from({ length: 10 }, (_, step) => backgroundTurn().then(() => log.push(step)));
  const taken: number[] = [];
  while (log.length < 10) {
    const before = log.length;
    othersAreHere();
    await new Promise((resolve) => void setImmediate(resolve));
    taken.push(log.length - before);
  }
  await Promise.all(steps);
  expect(log).toEqual(Array.from({ length: 10 }, (_, step) => step));
  expect(Math.max(...taken)).toBeLessThanOrEqual(2);
});
