import { expect, it } from "vitest";

import { nextPause, shortestPause } from "./poll-pause.ts";

it("looks every 30 s in the end while nothing changes, and every 2 s again when something does", () => {
  let pause = shortestPause;
  let looks = 0;
  for (let time = 0; time < 3_600_000; time += pause = nextPause(pause, false)) looks++;
  expect(looks).toBeLessThan(130);
  expect(pause).toBe(30_000);
  expect(nextPause(pause, true)).toBe(2_000);
});
