import { expect, it } from "vitest";

import { onceAMinute } from "./once-a-minute.ts";

it("passes on the first news of each minute", () => {
  let now = 0;
  const told: string[] = [];
  const tell = onceAMinute(
    (news: string) => told.push(news),
    () => now,
  );
  tell("first");
  now = 59_999;
  tell("too soon");
  now = 60_000;
  tell("second");
  tell("too soon again");
  expect(told).toEqual(["first", "second"]);
});
