import { expect, it } from "vitest";

import { createInFlight } from "./in-flight.ts";

it("reports when no request is in flight any more, in a part and in the whole", async () => {
  const whole = createInFlight();
  const [one, other] = [createInFlight(whole), createInFlight(whole)];
  await whole.ended();
  const [leaveOne, leaveOther] = [one.enter(), other.enter()];
  expect([whole.count, one.count, other.count]).toEqual([2, 1, 1]);

  const ends: string[] = [];
  const watched = Promise.all([one.ended().then(() => ends.push("one")), whole.ended().then(() => ends.push("whole"))]);
  leaveOne();
  await one.ended();
  expect(whole.count).toBe(1);
  leaveOther();
  await watched;
  expect(ends).toEqual(["one", "whole"]);
  expect(whole.lastEnded).toBeLessThanOrEqual(performance.now());
});
