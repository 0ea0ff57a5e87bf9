import { expect, it } from "vitest";

import { oneAtATime } from "./one-at-a-time.ts";

it("runs a task once more after the current run, for all calls during that run", async () => {
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const seen: string[] = [];
  let runs = 0;
  const task = oneAtATime(async () => {
    const run = runs++;
    seen.push(`begin ${run}`);
    await gates[run]?.promise;
    seen.push(`end ${run}`);
  });
  const first = task();
  const [second, third] = [task(), task()];
  gates[1]?.resolve();
  gates[0]?.resolve();
  await Promise.all([first, second, third]);
  expect(seen).toEqual(["begin 0", "end 0", "begin 1", "end 1"]);
  await task();
  expect(runs).toBe(3);
});

it("goes on after a run that failed", async () => {
  let runs = 0;
  const task = oneAtATime(async () => {
    if (runs++ === 0) throw new Error("first");
  });
  const first = task();
  const second = task();
  await expect(first).rejects.toThrow("first");
  await second;
  expect(runs).toBe(2);
});
