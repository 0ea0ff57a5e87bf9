import { expect, it } from "vitest";

import { RecentDigests } from "./recent-digests.ts";

const scored = Float64Array.of(1);

/** Keeps documents of nearly a million characters under each scope. */
function keepMillion(recent: RecentDigests, ...scopes: readonly string[]): void {
  for (const scope of scopes) {
    const documents = Array.from({ length: 100 }, (_, position) => String(position).padEnd(9_900));
    recent.keep(
      scope,
      documents,
      documents.map((_, position) => `${scope}${position}`),
      new Float64Array(100).fill(1),
    );
  }
}

it("drops the least recently used scopes when the texts become too many", () => {
  const recent = new RecentDigests();
  keepMillion(recent, "a", "b", "c", "d");
  expect(recent.of("a")?.size).toBe(100);
  keepMillion(recent, "e");
  expect(["a", "b", "c", "d", "e"].filter((scope) => recent.of(scope))).toEqual(["a", "c", "d", "e"]);
});

it("keeps of one scope no more than the maximum", () => {
  const recent = new RecentDigests();
  const documents = Array.from({ length: 500 }, (_, position) => String(position).padEnd(9_900));
  recent.keep("a", documents, documents, new Float64Array(500).fill(1));
  expect(recent.of("a")?.size).toBe(404);
});

it("keeps no long texts, because a Map would compare each with all", () => {
  const recent = new RecentDigests();
  recent.keep("a", ["x".repeat(16_001)], ["digest"], scored);
  expect(recent.of("a")).toBeUndefined();
});

it("counts a text once", () => {
  const recent = new RecentDigests();
  for (let times = 0; times < 500; times++) recent.keep("a", ["x".repeat(10_000)], ["digest"], scored);
  keepMillion(recent, "b");
  expect(recent.of("a")?.get("x".repeat(10_000))).toBe("digest");
});
