import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { withProgress } from "./progress.ts";

const output = { interactive: true, color: false, width: 40, print: (): void => {} };
let shown: (string | undefined)[];
const showProgress = (line?: string): void => void shown.push(line);

beforeEach(() => {
  shown = [];
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance", "setTimeout"] });
});
afterEach(() => void vi.useRealTimers());

function take(milliseconds: number): () => Promise<string> {
  return () => new Promise((resolve) => setTimeout(resolve, milliseconds, "done"));
}

it("shows nothing of what takes less than a second", async () => {
  const work = withProgress({ showProgress, output }, () => "far", take(900));
  await vi.advanceTimersByTimeAsync(900);
  expect(await work).toBe("done");
  expect(shown).toEqual([undefined]);
});

it("says how far longer work is, and leaves nothing behind", async () => {
  let far = 0;
  const work = withProgress({ showProgress, output }, () => `${far} of 9 documents are scored`, take(2_500));
  await vi.advanceTimersByTimeAsync(1_000);
  far = 7;
  await vi.advanceTimersByTimeAsync(1_500);
  expect(await work).toBe("done");
  expect(shown).toContain("1 s · 0 of 9 documents are scored …");
  expect(shown.at(-2)).toBe("2 s · 7 of 9 documents are scored …");
  expect(shown.at(-1)).toBeUndefined();
});

it("leaves nothing behind when the work fails", async () => {
  const work = withProgress(
    { showProgress, output },
    () => "far",
    () => Promise.reject(new Error("no")),
  );
  await expect(work).rejects.toThrow("no");
  expect(shown).toEqual([undefined]);
});

it("is silent where there is no terminal", async () => {
  expect(
    await withProgress(
      { output },
      () => "far",
      async () => "done",
    ),
  ).toBe("done");
});
