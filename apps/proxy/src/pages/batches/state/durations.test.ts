import { expect, it } from "vitest";

import { ageWords, bytesWords, durationWords, paceWords } from "./durations.ts";

it.each([
  [0, "0 seconds"],
  [1.2, "1 second"],
  [59.6, "1 minute"],
  [200, "3 minutes 20 seconds"],
  [4_800, "1 hour 20 minutes"],
  [11 * 3_600 + 300, "11 hours"],
  [2 * 86_400, "2 days"],
])("writes %d seconds as %s", (seconds, words) => expect(durationWords(seconds)).toBe(words));

it.each([
  [-3, "just now"],
  [9, "just now"],
  [40, "40 seconds ago"],
  [3_599, "59 minutes ago"],
  [90_000, "1 day ago"],
])("writes an age of %d seconds as %s", (seconds, words) => expect(ageWords(seconds)).toBe(words));

it.each([
  [0, "0 bytes"],
  [999, "999 bytes"],
  [1_000, "1 kB"],
  [4_830_000_000, "4.83 GB"],
])("writes %d bytes as %s", (bytes, words) => expect(bytesWords(bytes)).toBe(words));

it("writes lines a second to the tenth where there are few", () => {
  expect([0.04, 3.44, 12_400.4].map(paceWords)).toEqual(["0", "3.4", "12,400"]);
});
