import { expect, test } from "vitest";

import { Turns } from "./turns.ts";

const { signal } = new AbortController();

test("turns come in the order of those who wait, pass by who gave up, and are given back by who failed", async () => {
  const turns = new Turns(1);
  const said: string[] = [];
  const first = Promise.withResolvers<void>();
  const leaving = new AbortController();
  const failing = turns.run(signal, () => first.promise);
  const left = turns.run(leaving.signal, async () => void said.push("left"));
  const second = turns.run(signal, async () => void said.push("second"));
  const third = turns.run(signal, async () => void said.push("third"));
  leaving.abort(new Error("given up"));
  first.reject(new Error("failed"));
  await expect(left).rejects.toThrow("given up");
  await expect(failing).rejects.toThrow("failed");
  await Promise.all([second, third]);
  await turns.run(signal, async () => void said.push("last"));
  expect(said).toEqual(["second", "third", "last"]);
  await expect(turns.run(leaving.signal, async () => void said.push("late"))).rejects.toThrow("given up");
});
