import { expect, it } from "vitest";

import { rememberSuccess } from "./remember-success.ts";

it("rememberSuccess loads once for all calls, and again after a failure", async () => {
  const results = [Promise.reject(new Error("EMFILE")), Promise.resolve("loaded"), Promise.resolve("twice")];
  let loads = 0;
  const load = rememberSuccess(() => results[loads++] ?? Promise.reject(new Error("unexpected")));
  const first = [load(), load()];
  expect((await Promise.allSettled(first)).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(loads).toBe(1);
  expect(await Promise.all([load(), load()])).toEqual(["loaded", "loaded"]);
  expect(await load()).toBe("loaded");
  expect(loads).toBe(2);
});
